package hub

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"cradio/loader"
)

// link adds a blob to a snapshot, as a relative link, so that the cache can be moved. If links are impossible, as on Windows
// without the privilege, a new blob is moved there, and an older one is copied, because others may use it.
func (s *store) link(commit, file, etag string, fresh, copies bool) error {
	pointer, blob := s.pointer(commit, file), s.blob(etag)
	if err := os.MkdirAll(filepath.Dir(pointer), 0o777); err != nil {
		return notWritten(pointer, err)
	}
	if !copies {
		done, err := relativeLink(blob, pointer)
		if done || err != nil {
			return err
		}
	}
	var err error
	if _, found := os.Lstat(pointer); found == nil {
		err = os.Remove(pointer) // a broken link, or an older copy
	}
	if err == nil && fresh {
		err = os.Rename(blob, pointer)
	} else if err == nil {
		err = copyFile(blob, pointer)
	}
	if err != nil {
		return notWritten(pointer, err)
	}
	return nil
}

// relativeLink returns false if links are impossible.
func relativeLink(blob, pointer string) (bool, error) {
	target, err := filepath.Rel(filepath.Dir(pointer), blob)
	if err != nil {
		return false, nil // on another volume
	}
	for range 3 {
		if old, err := os.Readlink(pointer); err == nil && old == target {
			return true, nil
		}
		err = os.Symlink(target, pointer)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return false, nil
		}
		if err := os.Remove(pointer); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, notWritten(pointer, err)
		}
	}
	return false, notWritten(pointer, err)
}

func copyFile(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return loader.WriteFile(to, func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
}
