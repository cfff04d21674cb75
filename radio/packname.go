package radio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"cradio/cpu"
	"cradio/loader"
)

const packExtension = ".pack"

// place is where a checkpoint is: a folder, or a file in it.
type place interface {
	fmt.Stringer
	Dir() string
}

// packPath is the file in dir for a checkpoint and a precision, at the level in use. In
// another folder than the checkpoint's own there may be packs of several: names tell them
// apart by where the checkpoint is, so that one that has changed there finds its pack, and
// says that that is stale. So they do for one file among others in a folder.
func packPath(dir string, of place, d DType) string {
	name, which := fmt.Sprintf("cradio-%s-%s", d, cpu.Layout()), ""
	switch {
	case !sameFolder(dir, of.Dir()):
		which = realPath(of.String())
	case !sameFolder(of.String(), of.Dir()):
		which = filepath.Base(of.String())
	}
	if which != "" {
		sum := sha256.Sum256([]byte(which))
		name += "-" + hex.EncodeToString(sum[:6])
	}
	return filepath.Join(dir, name+packExtension)
}

func sameFolder(a, b string) bool {
	if realPath(a) == realPath(b) {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// realPath is one name for a path that has several.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	return path
}

// findPack is the pack of a checkpoint in dir: that of its name, or else, where the
// checkpoint has moved since, one that was made of these files. Their contents are compared
// then. It is empty where there is none.
func findPack(ctx context.Context, dir string, src *loader.Checkpoint, d DType) (_ string, err error) {
	open, err := openFiles(src, nil)
	if err != nil {
		return "", err
	}
	defer open.guard(&err, debug.SetPanicOnFault(true))
	path := packPath(dir, src, d)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if sameFolder(dir, src.Dir()) {
		return "", nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", nil // whoever asked is told that there is none
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), fmt.Sprintf("cradio-%s-%s", d, cpu.Layout())) && strings.HasSuffix(e.Name(), packExtension) {
			path := filepath.Join(dir, e.Name())
			if found, err := packOf(ctx, path, src); found || err != nil {
				return path, err
			}
		}
	}
	return "", nil
}

// packOf says whether the file at a path is the pack of others, by their checksums.
func packOf(ctx context.Context, path string, src *loader.Checkpoint) (bool, error) {
	f, err := loader.OpenFile(path)
	if err != nil {
		return false, nil
	}
	defer f.Close()
	var a packAbout
	files := src.Files()
	text := f.Metadata()[packKey]
	if len(text) > maxAbout || json.Unmarshal([]byte(text), &a) != nil || len(a.Files) != len(files) {
		return false, nil
	}
	for i, was := range a.Files {
		if now, err := files[i].Identity(); err != nil || was.compare(now) != nil {
			return false, err
		}
	}
	for i, was := range a.Files {
		if sum, err := files[i].Checksum(ctx); err != nil || sum != was.SHA256 {
			return false, err
		}
	}
	return true, nil
}
