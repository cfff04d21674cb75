package packs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cradio/loader"
)

const extension = ".pack"

// Path is the file in dir for the packed weights of a checkpoint. In another folder than the
// checkpoint's own there may be packs of several checkpoints. Their names differ by the path of the
// checkpoint, so that a checkpoint that has changed there finds its pack, and says that it is stale.
// The same goes for a checkpoint that is one file among others in its folder.
func Path(dir string, of Origin, use Use) string {
	name, which := prefix(use), ""
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
	return filepath.Join(dir, name+extension)
}

// prefix begins the names of all packs for a use.
func prefix(use Use) string { return fmt.Sprintf("cradio-%s-%s", use.Precision, use.Layout) }

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

// Find is the path of the pack of a checkpoint in dir, or empty where there is none. It is the file by
// its Path, or else, where the checkpoint has moved since, a pack that was made of these files. Their
// contents are compared then.
func Find(ctx context.Context, dir string, of Origin, use Use) (string, error) {
	path := Path(dir, of, use)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if sameFolder(dir, of.Dir()) {
		return "", nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", nil // whoever asked is told that there is none
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix(use)) && strings.HasSuffix(e.Name(), extension) {
			path := filepath.Join(dir, e.Name())
			if found, err := isOf(ctx, path, of.Files()); found || err != nil {
				return path, err
			}
		}
	}
	return "", nil
}

// isOf says whether the file at a path is a pack of these files, by their checksums.
func isOf(ctx context.Context, path string, files []*loader.MappedFile) (bool, error) {
	f, err := loader.OpenFile(path)
	if err != nil {
		return false, nil
	}
	defer f.Close()
	a, err := aboutOf(f)
	if err != nil || len(a.Files) != len(files) {
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
