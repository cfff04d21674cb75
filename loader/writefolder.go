package loader

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// WriteFolder makes the folder at dir out of the files that write makes in the folder that it is given:
// whole or not at all. They go to a temporary folder beside dir, which takes dir's place once all are
// written. An earlier folder stays as it was if anything fails. It is refused if it has other files than
// those of these names, since it is removed in the end.
func WriteFolder(dir string, names []string, write func(dir string) error) (err error) {
	dir = filepath.Clean(dir)
	old, err := replaceable(dir, names)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return writeError(dir, err, filepath.Dir(dir))
	}
	temporary := filepath.Join(filepath.Dir(dir), fmt.Sprintf(".cradio-%08x.tmp", rand.Uint32()))
	if err := os.Mkdir(temporary, 0o777); err != nil {
		return writeError(dir, err, temporary)
	}
	defer os.RemoveAll(temporary) // also on a panic of write's; after the exchange it is the old folder
	if err := write(temporary); err != nil {
		return err
	}
	if !old {
		err = os.Rename(temporary, dir)
	} else {
		err = exchange(temporary, dir)
	}
	if err != nil {
		return writeError(dir, err, temporary)
	}
	return nil
}

// replaceable says whether there is a folder at dir, and refuses one with other files than names.
func replaceable(dir string, names []string) (old bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, writeError(dir, err, dir)
	}
	for _, e := range entries {
		if !slices.Contains(names, e.Name()) {
			return true, &Error{File: dir, Item: "not written", Found: "a folder with other files, such as " + e.Name(), Do: "choose another folder"}
		}
	}
	return true, nil
}

// exchangeByRenaming lets two folders change places, in two steps. If the second fails the first is
// undone.
func exchangeByRenaming(a, b string) error {
	aside := b + fmt.Sprintf(".cradio-%08x.old", rand.Uint32())
	if err := os.Rename(b, aside); err != nil {
		return err
	}
	if err := os.Rename(a, b); err != nil {
		return errors.Join(err, os.Rename(aside, b))
	}
	return os.Rename(aside, a)
}
