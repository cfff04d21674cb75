package features

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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

// IsStore reports whether a path is a store, also one without its set, which Open refuses: that of a first
// run which was stopped, or whose set was removed.
func IsStore(path string) bool {
	info, err := os.Stat(filepath.Join(path, setName))
	return err == nil && info.Mode().IsRegular() || lacksSet(path)
}

// lacksSet reports whether a folder has been locked for writing rows, and has an index of them, but no set.
func lacksSet(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
		return false
	}
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		if name := e.Name(); !e.IsDir() || len(name) < folderDigits || strings.Trim(name[:folderDigits], "0123456789abcdef") != "" {
			return false
		}
		info, err := os.Stat(filepath.Join(dir, e.Name(), indexName))
		return err == nil && info.Mode().IsRegular()
	})
}
