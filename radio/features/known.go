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
	m, err := loader.Map(filepath.Join(dir, setName))
	if err != nil {
		return nil
	}
	defer m.Close()
	var d *data.Dataset
	if fault := m.Read(func(text []byte) { _, d, err = parseSet(m.String(), text) }); fault != nil || err != nil {
		return nil // Job.Run writes it again
	}
	known := map[string]data.Item{}
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

// IsStore reports whether a path is a store.
func IsStore(path string) bool {
	info, err := os.Stat(filepath.Join(path, setName))
	return err == nil && info.Mode().IsRegular()
}
