package data

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"cradio/loader"
)

// partLists are the files that name the pictures of parts, as Pascal VOC's ImageSets/Segmentation has them.
// That of train and val together counts where these two are missing, as in Oxford's pets.
var partLists = []struct {
	name string
	part Part
}{{"train", Train}, {"val", Val}, {"test", Test}}

// readLists gives the parts of names without folders and extensions.
func readLists(dir string) (map[string]Part, error) {
	parts := map[string]Part{}
	found := false
	for _, l := range partLists {
		ok, err := readList(filepath.Join(dir, l.name+".txt"), l.part, parts)
		if err != nil {
			return nil, err
		}
		found = found || ok
		if l.part == Val && !found {
			if found, err = readList(filepath.Join(dir, "trainval.txt"), Train, parts); err != nil {
				return nil, err
			}
		}
	}
	if !found {
		return nil, fmt.Errorf("%s: %w", dir, errNoLists)
	}
	return parts, nil
}

// readList reads the names of a part. found is false where there is no such file.
func readList(path string, part Part, parts map[string]Part) (found bool, err error) {
	text, err := loader.ReadBounded(path, maxList)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, parsePart(path, text, part, parts)
}

// parsePart reads the names of a part from a text.
func parsePart(path string, text []byte, part Part, parts map[string]Part) error {
	line := 0
	for row := range bytes.Lines(inUTF8(text)) {
		line++
		name, _, _ := strings.Cut(strings.TrimSpace(string(row)), " ")
		if len(name) > maxName || len(parts) == MaxItems {
			return fmt.Errorf("%s: line %d: a name has at most %d bytes, and a list %d names", path, line, maxName, MaxItems)
		}
		name = filepath.Base(filepath.FromSlash(name))
		if isPicture(name) {
			name = strings.TrimSuffix(name, filepath.Ext(name))
		}
		if name == "" || name == "." {
			continue
		}
		if other, there := parts[name]; there && other != part {
			return fmt.Errorf("%s: line %d: %s is in %s too; keep it in one of them", path, line, name, other)
		}
		parts[name] = part
	}
	return nil
}
