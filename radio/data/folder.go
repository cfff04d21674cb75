package data

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio/image"
)

// partFolders are the names of folders of parts in common data sets.
var partFolders = map[string]Part{
	"train": Train, "training": Train, "val": Val, "valid": Val, "validation": Val, "test": Test, "testing": Test,
}

// partOf is the part that a name means, in any case, also with a year: train2017, as in COCO.
func partOf(name string) (Part, bool) {
	name = folded(name)
	if n := len(name) - len("2017"); n > 0 && strings.HasPrefix(name[n:], "20") && strings.Trim(name[n:], "0123456789") == "" {
		name = name[:n]
	}
	p, ok := partFolders[name]
	return p, ok
}

// Folder lists a folder with a folder for each class, like torchvision's ImageFolder:
// DIR/cat/1.jpg. If DIR has a folder train, or val or test, then the classes are below these:
// DIR/train/cat/1.jpg. Other folders beside them are then left out.
//
// The pictures of a class may be at any depth. What counts is the extension, see
// image.Extensions. Names that begin with a dot are hidden. Links to files are followed, and a
// class may be a link to a folder. A class without pictures is an error. A folder without folders may have
// the list metadata.csv or metadata.jsonl beside its pictures, as Hugging Face's ImageFolder; see List.
//
// The folder of a part, val/ or test/ beside train/, may have its pictures without folders of classes, in it or in
// a folder such as images. A list beside them says what they are, whatever its name; where there is none, they have
// no labels, and are left out. Dataset.Notes says so.
func Folder(dir string) (*Dataset, error) { return Columns{}.folder(dir) }

func (g Columns) folder(dir string) (*Dataset, error) {
	names, err := folders(dir)
	if err != nil {
		return nil, err
	}
	b := newBuilder(dir)
	b.given = g
	parts := map[Part]string{}
	for _, name := range names {
		p, ok := partOf(name)
		if !ok {
			continue
		}
		if other, twice := parts[p]; twice {
			return nil, fmt.Errorf("%s: has the folders %s and %s, which both mean the part %s; keep one", dir, other, name, p)
		}
		parts[p] = name
	}
	if len(parts) == 0 {
		err = b.classes(dir, "", names)
	}
	for _, p := range Parts() {
		name, ok := parts[p]
		if !ok || err != nil {
			continue
		}
		inside := filepath.Join(dir, name)
		if names, err = folders(inside); err != nil {
			break
		}
		if b.withoutClasses(names) {
			err = b.unsorted(inside, p, names)
		} else {
			err = b.classes(inside, p, names)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case g != Columns{} && !b.listed:
		return nil, fmt.Errorf("%s: is a folder of classes: columns are for lists", dir)
	}
	return b.finish()
}

// folders lists the folders in a folder, sorted.
func folders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && info.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// classes adds the pictures of a folder for each class.
func (b *builder) classes(dir string, part Part, names []string) error {
	if len(names) == 0 {
		return b.described(dir, part)
	}
	for _, name := range names {
		before := len(b.d.Items)
		class := filepath.Join(dir, name)
		root, err := filepath.EvalSymlinks(class)
		if err != nil {
			return err
		}
		err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			inside, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			if path != root && strings.HasPrefix(e.Name(), ".") {
				if e.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			switch {
			case e.IsDir():
				return nil
			case !isPicture(path):
				b.d.LeftOut++
				return nil
			}
			return b.add(filepath.Join(class, inside), part, name)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", class, err)
		}
		if len(b.d.Items) == before {
			return fmt.Errorf("%s: has no pictures: a class needs at least one; remove the folder, or add pictures (%s)", class, strings.Join(image.Extensions, " "))
		}
	}
	return nil
}

func isPicture(path string) bool {
	return slices.Contains(image.Extensions, strings.ToLower(filepath.Ext(path)))
}
