package data

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cradio/radio/image"
)

// mostTries is how many pictures are looked for in the folders beside a list.
const mostTries = 8

// locate is where a picture of a list is: see List. Where it is not found, it is where the list says.
func (l *list) locate(path string) string {
	plain := l.joined("", path)
	if !l.disk || filepath.IsAbs(path) {
		return plain
	}
	if l.tries < mostTries && !l.sure {
		l.tries++
		if _, root, ok := l.find(path); ok {
			l.root, l.sure = root, true
			if root != "" {
				l.d.Notes = append(l.d.Notes, fmt.Sprintf("%s: its pictures are in %s", l.path, filepath.Join(filepath.Dir(l.path), root)))
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

// above are the folders around that of a list, in which splits often lie: splits/train.csv names images/1.jpg.
var above = []string{"..", filepath.Join("..", "..")}

// find looks for a picture in the folder of the list, then in the folders in it, of which one must have it, and
// then in those around it.
func (l *list) find(path string) (found, root string, ok bool) {
	if !l.disk || path == "" || len(path) > maxName || strings.ContainsRune(path, 0) {
		return "", "", false
	}
	if found, ok = l.there("", path); ok || filepath.IsAbs(path) {
		return found, "", ok
	}
	inside, err := folders(filepath.Dir(l.path))
	if err != nil {
		return "", "", false
	}
	for _, name := range inside {
		at, there := l.there(name, path)
		if there && ok {
			return "", "", false
		}
		if there {
			found, root, ok = at, name, true
		}
	}
	for _, name := range above {
		if ok {
			break
		}
		root = name
		found, ok = l.there(name, path)
	}
	return found, root, ok
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// txt reads lines of a path and a label.
func (l *list) txt(text []byte) error {
	line := 0
	for row := range bytes.Lines(bytes.TrimPrefix(text, []byte("\ufeff"))) {
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
