package data

import (
	"bytes"
	"fmt"
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio/image"
)

// mostTries is how many pictures are looked for in the folders beside a list.
const mostTries = 8

// locate is where a picture of a list is: see List. Where it is not found, it is where the list says.
func (l *list) locate(path string) string {
	path = l.relative(path)
	plain := l.joined("", path)
	if !l.disk || filepath.IsAbs(path) {
		return plain
	}
	if l.tries < mostTries && !l.sure {
		l.tries++
		if _, root, ok := l.find(path); ok {
			l.root, l.sure = root, true
			if root != "" {
				what := "pictures"
				if l.targets {
					what = "masks or depth maps"
				}
				l.d.Notes = append(l.d.Notes, fmt.Sprintf("%s: its %s are in %s", l.path, what, filepath.Join(filepath.Dir(l.path), root)))
			}
		}
	}
	if l.root == "" && isPicture(path) && !strings.Contains(path, `\`) {
		return plain
	}
	if found, ok := l.there(l.root, path); ok {
		return found
	}
	return plain
}

// relative is a path without the / in front that lists of NYU and others have, where it names a picture so and not
// with it.
func (l *list) relative(path string) string {
	if !l.disk || !filepath.IsAbs(path) || isFile(path) {
		return path
	}
	short := strings.TrimLeft(path, "/")
	if l.slashes < mostTries && !l.slashed {
		l.slashes++
		_, _, l.slashed = l.find(short)
	}
	if l.slashed {
		return short
	}
	return path
}

// joined is a path below a folder beside the list.
func (l *list) joined(root, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(l.path), root, filepath.FromSlash(path))
}

// there looks for a picture in a folder beside the list: as it is written, with / for \, with an extension.
func (l *list) there(root, path string) (found string, ok bool) {
	for _, path := range []string{path, strings.ReplaceAll(path, `\`, "/")} {
		at := l.joined(root, path)
		if isPicture(at) && isFile(at) {
			return at, true
		}
		for _, extension := range image.Extensions {
			for _, e := range []string{extension, strings.ToUpper(extension)} {
				if isFile(at + e) {
					return at + e, true
				}
			}
		}
	}
	return "", false
}

// around are the folders around that of a list, in which splits often lie: splits/train.csv names images/1.jpg; and those
// of pictures in them: Pascal VOC's ImageSets/Main/train.txt names what is in JPEGImages.
func around() (folders []string) {
	for _, above := range []string{"..", filepath.Join("..", "..")} {
		folders = append(folders, above)
		for _, names := range UsualMasks() {
			if folder := filepath.Join(above, names[0]); !slices.Contains(folders, folder) {
				folders = append(folders, folder)
			}
		}
	}
	return folders
}

// find looks for a picture in the folder of the list, then in the folders in it, of which one must have it, and
// then in those around it. Folders of masks are for masks only.
func (l *list) find(path string) (found, root string, ok bool) {
	if !l.disk || path == "" || len(path) > maxName || strings.ContainsRune(path, 0) {
		return "", "", false
	}
	if found, ok = l.there("", path); ok {
		return found, "", true
	}
	if filepath.IsAbs(path) {
		short := strings.TrimLeft(path, "/")
		if filepath.IsAbs(short) || short == "" {
			return "", "", false
		}
		return l.find(short)
	}
	inside, err := folders(filepath.Dir(l.path))
	if err != nil {
		return "", "", false
	}
	masks, others := split(inside)
	if l.targets {
		if found, root, ok = l.only(masks, path); ok {
			return found, root, true
		}
	}
	if found, root, ok = l.only(others, path); ok {
		return found, root, true
	}
	for _, root := range around() {
		if found, ok = l.there(root, path); ok {
			return found, root, true
		}
	}
	return "", "", false
}

// only looks for a picture in folders of which one must have it.
func (l *list) only(folders []string, path string) (found, root string, ok bool) {
	for _, name := range folders {
		at, there := l.there(name, path)
		if there && ok {
			return "", "", false
		}
		if there {
			found, root, ok = at, name, true
		}
	}
	return found, root, ok
}

// split parts folders that are called as those of masks and depth maps from others.
func split(folders []string) (masks, others []string) {
	called := map[string]bool{}
	for _, names := range slices.Concat(UsualMasks(), UsualDepths()) {
		called[folded(slashpath.Base(names[1]))] = true
	}
	for _, name := range folders {
		if called[folded(name)] {
			masks = append(masks, name)
		} else {
			others = append(others, name)
		}
	}
	return masks, others
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// txt reads lines of a path and a label, or of several columns.
func (l *list) txt(text []byte) error {
	if l.isTable(text) {
		return l.csv(table(text), []rune{'\t'})
	}
	line := 0
	for row := range bytes.Lines(text) {
		line++
		if row = bytes.TrimSpace(row); len(row) == 0 {
			continue
		}
		at := bytes.LastIndexAny(row, " \t")
		if at < 0 {
			return l.wrong(line, labelField, "is missing: want a path, a space and a label")
		}
		if err := l.entry(line, string(bytes.TrimSpace(row[:at])), "", []string{string(row[at+1:])}, nil); err != nil {
			return err
		}
	}
	return nil
}

// isTable reports whether lines are of several columns: where columns were given, or where the first column of the
// first line names a picture, and what stands before the last space does not.
func (l *list) isTable(text []byte) bool {
	if l.given != (Columns{}) {
		return true
	}
	for row := range bytes.Lines(text) {
		fields := strings.Fields(string(row))
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		row = bytes.TrimSpace(row)
		whole, _, _ := l.find(string(bytes.TrimSpace(row[:max(bytes.LastIndexAny(row, " \t"), 0)])))
		first, _, _ := l.find(fields[0])
		return len(fields) > 2 && whole == "" && first != ""
	}
	return false
}
