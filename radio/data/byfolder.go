package data

import (
	"fmt"
	"path/filepath"
)

// ByFolder returns a set of pictures whose label is the folder that they are in: cat for
// photos/cat/1.jpg. If all these folders are in folders train, val or test, then these are the parts.
// path names the set in messages.
func ByFolder(path string, pictures []string) (*Dataset, error) {
	parts := len(pictures) > 0
	for _, p := range pictures {
		_, ok := partOf(filepath.Base(filepath.Dir(filepath.Dir(p))))
		parts = parts && ok
	}
	b := newBuilder(path)
	for _, p := range pictures {
		class, part := filepath.Base(filepath.Dir(p)), Part("")
		if class == "." || class == string(filepath.Separator) {
			return nil, fmt.Errorf("%s: %s is in no folder that could be its label", path, p)
		}
		if parts {
			part, _ = partOf(filepath.Base(filepath.Dir(filepath.Dir(p))))
		}
		if err := b.add(p, part, class); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return b.finish()
}
