package data

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
)

// unsortedFolders are the names of folders of pictures that are no classes.
var unsortedFolders = []string{"images", "image", "imgs", "img", "pictures", "photos", "data", "unknown", "unlabeled", "unlabelled", "test"}

// withoutClasses reports whether the folders in that of a part hold pictures without classes: there are none, or one that
// is no class of the parts before.
func (b *builder) withoutClasses(names []string) bool {
	if len(b.names) == 0 || len(names) > 1 {
		return false
	}
	if len(names) == 0 {
		return true
	}
	_, class := b.names[names[0]]
	return !class && slices.Contains(unsortedFolders, folded(names[0]))
}

// unsorted adds the pictures of the folder of a part that are in no folders of classes, as Tiny ImageNet's val is: by a
// list beside them. Without one they are left out, as those of the test parts of contests.
func (b *builder) unsorted(dir string, part Part, names []string) error {
	path := Metadata(dir)
	if path == "" {
		lists, err := listsIn(dir)
		if err != nil {
			return err
		}
		if len(lists) > 1 {
			return fmt.Errorf("%s: has the lists %s, and no folders of classes; keep the one that says what the pictures are", dir, some(lists))
		}
		if len(lists) == 1 {
			path = filepath.Join(dir, lists[0])
		}
	}
	if path != "" {
		text, err := loader.ReadBounded(path, maxList)
		if err != nil {
			return err
		}
		return (&list{builder: b, path: path, part: part, disk: true}).read(text)
	}
	n := 0
	err := filepath.WalkDir(filepath.Join(append([]string{dir}, names...)...), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && isPicture(path) && !strings.HasPrefix(e.Name(), ".") {
			n++
		}
		return err
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%s: has no pictures; remove it, or add a folder for each class, with its pictures inside", dir)
	}
	b.d.Notes = append(b.d.Notes, fmt.Sprintf("%s: left out: %s in no folders of classes, which no list describes", filepath.Join(append([]string{dir}, names...)...), many(n, "picture")))
	return nil
}

// listsIn are the lists in a folder, as their extensions say.
func listsIn(dir string) (lists []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if name := e.Name(); IsList(name) && !strings.HasPrefix(name, ".") && isFile(filepath.Join(dir, name)) {
			lists = append(lists, name)
		}
	}
	return lists, nil
}
