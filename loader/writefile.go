package loader

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// WriteFile makes the file at path out of what write writes, whole or not at all: it goes to a temporary file in the
// same folder, which takes path's place once it is complete and on disk. If write fails or panics, or the disk does, the
// temporary file is removed and an earlier file at path stays as it was.
func WriteFile(path string, write func(w io.Writer) error) error {
	return WriteFiles(FileToWrite{path, write})
}

// FileToWrite is a file, and what writes its contents.
type FileToWrite struct {
	Path  string
	Write func(w io.Writer) error
}

// WriteFiles is WriteFile for files that belong together: none takes its place before all are complete and on disk. They
// are written, and take their places, in the order given.
func WriteFiles(files ...FileToWrite) error {
	var ready []*temporaryFile
	defer func() { // also on a panic of Write's
		for _, t := range ready {
			t.remove()
		}
	}()
	for _, f := range files {
		target, mode, err := writeTarget(f.Path)
		if err != nil {
			return err
		}
		file, name, err := createTemporary(target, mode)
		if err != nil {
			return writeError(f.Path, err, name)
		}
		t := &temporaryFile{file: file, name: name, target: target}
		ready = append(ready, t)
		if err := t.fill(f.Write); err != nil {
			return writeError(f.Path, err, name)
		}
	}
	for i, t := range ready {
		if err := os.Rename(t.name, t.target); err != nil {
			return writeError(files[i].Path, err, t.name)
		}
		t.done = true
	}
	return nil
}

// temporaryFile is a file that will take target's place.
type temporaryFile struct {
	file         *os.File
	name, target string
	done         bool
}

// fill writes the file to the disk.
func (t *temporaryFile) fill(write func(w io.Writer) error) error {
	buffered := blockWriter{bufio.NewWriterSize(t.file, blockSize)}
	err := write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = t.file.Sync()
	}
	if err == nil {
		err = t.file.Close()
	}
	return err
}

// remove takes away what has not taken its place.
func (t *temporaryFile) remove() {
	if !t.done {
		t.file.Close()
		os.Remove(t.name)
	}
}

// blockSize is the size of each write. It is a multiple of large pages, so that file systems that support them can cache
// the file in large pages, and map it with few page faults.
const blockSize = 4 << 20

// blockWriter writes data in whole blocks.
type blockWriter struct{ *bufio.Writer }

func (b blockWriter) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		if b.Available() == 0 {
			if err = b.Flush(); err != nil {
				break
			}
		}
		var m int
		m, err = b.Writer.Write(p[:min(len(p), b.Available())])
		n, p = n+m, p[m:]
	}
	return n, err
}

// writeTarget returns the file that path refers to, links followed, and the permissions for it.
func writeTarget(path string) (target string, mode fs.FileMode, err error) {
	stat, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, 0o666, nil // the umask applies
	}
	if err != nil {
		return "", 0, writeError(path, err, path)
	}
	if !stat.Mode().IsRegular() {
		return "", 0, &Error{File: path, Want: "a file to write", Found: kindOf(stat.Mode()), Do: "choose another name"}
	}
	target, err = filepath.EvalSymlinks(path)
	if err != nil {
		return "", 0, writeError(path, err, path)
	}
	return target, stat.Mode().Perm(), nil
}

// createTemporary creates a new file beside target. os.CreateTemp would ignore the umask and make it private.
func createTemporary(target string, mode fs.FileMode) (f *os.File, name string, err error) {
	dir, _ := filepath.Split(target)
	for {
		name = fmt.Sprintf("%s.cradio-%08x.tmp", dir, rand.Uint32())
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return f, name, err
		}
	}
}

// WriteError returns the error for a file at path that could not be written: why, and what to do, such as to free space on
// a full disk.
func WriteError(path string, err error) error { return writeError(path, err, path) }

// writeError returns an error that tells why path was not written and what to do. touched is the file that failed.
func writeError(path string, err error, touched string) error {
	e := &Error{File: path, Item: "not written", Found: reason(err, touched), Err: err}
	switch {
	case isDiskFull(err):
		e.Do = "the disk is full: free some space or choose another disk"
	case isReadOnly(err), errors.Is(err, fs.ErrPermission):
		e.Do = "the folder is read-only: make it writable or choose another folder"
	case errors.Is(err, fs.ErrNotExist):
		e.Do = "the folder does not exist: make it first"
	}
	return e
}
