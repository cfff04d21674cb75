package features

import (
	"crypto/sha256"
	"os"
	"path/filepath"

	"cradio/loader"
	"cradio/radio/data"
)

// Known returns what a store knows of the files of its last run, for data.Dataset.Known: it is nil if
// there is no store.
func Known(dir string) func(path string, s data.Stamp) (sum [sha256.Size]byte, ok bool) {
	_, d, err := Pictures(dir)
	if err != nil {
		return nil // Job.Run writes it again
	}
	return KnownOf(d)
}

// KnownOf is Known of the pictures of a store.
func KnownOf(d *data.Dataset) func(path string, s data.Stamp) (sum [sha256.Size]byte, ok bool) {
	known := make(map[string]data.Item, len(d.Items))
	for _, item := range d.Items {
		if item.Stamp != (data.Stamp{}) {
			known[item.Path] = item
		}
	}
	return func(path string, s data.Stamp) (sum [sha256.Size]byte, ok bool) {
		item, ok := known[path]
		return item.SHA256, ok && item.Stamp == s
	}
}

// Pictures reads which pictures a store has, and what it says of the model. Open opens its rows too.
func Pictures(dir string) (about About, d *data.Dataset, err error) {
	m, err := loader.Map(filepath.Join(dir, setName))
	if err != nil {
		return about, nil, err
	}
	defer m.Close()
	var h setHeader
	if fault := m.Read(func(text []byte) { h, d, err = parseSet(m.String(), text) }); fault != nil {
		return about, nil, fault
	}
	return h.about(), d, err
}

// IsStore reports whether a path is a store.
func IsStore(path string) bool {
	info, err := os.Stat(filepath.Join(path, setName))
	return err == nil && info.Mode().IsRegular()
}
