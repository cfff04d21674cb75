package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Pair is a picture with the file of its mask or depth map.
type Pair struct{ Picture, Target string }

// ErrNoPairs is wrapped by the error for folders in which nothing matches.
var ErrNoPairs = errors.New("nothing pairs")

// Pairs matches the pictures of a folder with the PNG files (or GIF, BMP, TIFF) of another folder, by their paths
// below these folders without the extension: images/a/1.jpg and masks/a/1.png. If none match so, they match
// without what all names of a folder end in: images/1.jpg and masks/1_mask.png. alone lists the
// pictures without a target, and the targets without a picture. Two pictures for one target
// are an error, and so is a folder in which nothing matches.
func Pairs(pictures, targets string) (pairs []Pair, alone []string, err error) {
	return pairsEnding(pictures, targets, "", "")
}

// pairsEnding is Pairs of names that end so before the extension; others are left out. Where both are empty, names
// may end in anything that all of a folder have.
func pairsEnding(pictures, targets, pictureEnding, targetEnding string) (pairs []Pair, alone []string, err error) {
	order, picture, err := stems(pictures, isPicture, pictureEnding)
	if err != nil {
		return nil, nil, wanted(pictures, "pictures", err)
	}
	targetOrder, target, err := stems(targets, func(path string) bool { return strings.EqualFold(filepath.Ext(path), ".png") }, targetEnding)
	if err == nil && len(targetOrder) == 0 {
		targetOrder, target, err = stems(targets, isTarget, targetEnding)
	}
	if err != nil {
		return nil, nil, wanted(targets, "PNG files with the names of the pictures", err)
	}
	if len(targetOrder) == 0 && targetEnding == "" {
		return nil, nil, fmt.Errorf("%s: has no PNG files: want one for each picture; other formats may change values, as JPEG does, or hold none: convert them, and look at their values first (GIF, BMP and TIFF will do)", targets)
	}
	if !slices.ContainsFunc(order, func(stem string) bool { return target[stem] != "" }) {
		if pictureEnding == "" {
			picture = withoutEnding(order, picture)
		}
		if targetEnding == "" {
			target = withoutEnding(targetOrder, target)
		}
	}
	for _, stem := range order {
		if t, ok := target[stem]; ok {
			pairs = append(pairs, Pair{picture[stem], t})
		} else {
			alone = append(alone, picture[stem])
		}
	}
	for _, stem := range targetOrder {
		if _, ok := picture[stem]; !ok {
			alone = append(alone, target[stem])
		}
	}
	if len(pairs) == 0 {
		return nil, alone, fmt.Errorf("%w: no file of %s has a picture of the same name in %s: want %s and %s", ErrNoPairs, targets, pictures, filepath.Join(targets, "1"+targetEnding+".png"), filepath.Join(pictures, "1"+pictureEnding+".jpg"))
	}
	return pairs, alone, nil
}

// withoutEnding takes from stems what all of them end in from a _, - or . on, such as _mask.
func withoutEnding(order []string, paths map[string]string) map[string]string {
	if len(order) < 2 {
		return paths // all of a name would be its ending
	}
	ending := filepath.Base(order[0])
	for _, stem := range order {
		for !strings.HasSuffix(filepath.Base(stem), ending) {
			ending = ending[1:]
		}
	}
	at := strings.IndexAny(ending, "_-.")
	if at < 0 {
		return paths
	}
	short := make(map[string]string, len(paths))
	for i, stem := range order {
		order[i] = strings.TrimSuffix(stem, ending[at:])
		short[order[i]] = paths[stem]
	}
	return short
}

// wanted says what a folder that is not there should have.
func wanted(dir, what string, err error) error {
	if _, none := os.Stat(dir); errors.Is(none, fs.ErrNotExist) {
		return fmt.Errorf("%s: want a folder of %s; there is none: %w", dir, what, fs.ErrNotExist)
	}
	return err
}

// stems finds files whose names end so before the extension, and gives their paths by what pairs them.
func stems(dir string, wanted func(path string) bool, ending string) (order []string, paths map[string]string, err error) {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, nil, err
	}
	paths = map[string]string{}
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != root && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir() || !wanted(path):
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		path = filepath.Join(dir, name)
		stem, ends := strings.CutSuffix(strings.TrimSuffix(name, filepath.Ext(name)), ending)
		if !ends {
			return nil
		}
		if other, twice := paths[stem]; twice {
			return fmt.Errorf("%s and %s have one name but for the extension; keep one of them", other, path)
		}
		if len(order) == MaxItems {
			return fmt.Errorf("%s: %w files: must be at most %d", dir, errTooMany, MaxItems)
		}
		order, paths[stem] = append(order, stem), path
		return nil
	})
	return order, paths, err
}
