package output

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cradio/radio"
)

// Writer writes results to one file. It is not safe for concurrent use.
type Writer interface {
	// Add adds a result without Err. After an error, call only Close.
	Add(r radio.Result) error
	// Fail adds a result with Err, in the order of the images. In .parquet it becomes a row with
	// an error. In .npy it becomes a row of NaN if About.Missing is NaN. Other formats leave
	// it out.
	Fail(r radio.Result) error
	// Commit writes the file, and returns its arrays. If ctx is done first, it writes no
	// file.
	Commit(ctx context.Context) ([]Array, error)
	// Close removes temporary files. Always call it, after all other methods.
	Close() error
}

// Array describes an array in a file.
type Array struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

// Extensions lists the formats of Create.
var Extensions = []string{".npy", ".npz", ".safetensors", ".jsonl", ".parquet"}

// Create starts a file. names are the images that will be added, in that order; some may be
// left out. If the folder cannot be written, Create returns an error, before anything is
// computed.
func Create(path string, about About, names []string) (Writer, error) {
	if err := writable(path); err != nil {
		return nil, err
	}
	if err := about.DType.check(path); err != nil {
		return nil, err
	}
	if about.Missing == NaN && extension(path) != ".npy" {
		return nil, fmt.Errorf("%s: only .npy files can have rows of NaN: the others store the path of each row; choose .npy, or Skip", path)
	}
	switch extension(path) {
	case ".npy":
		if err := writable(path + SidecarExtension); err != nil {
			return nil, err
		}
		return newTable(path, about, writeNPY, onlyOne(about))
	case ".npz":
		return newTable(path, about, writeNPZ, nil)
	case ".safetensors":
		if err := fitsHeader(path, names); err != nil {
			return nil, err
		}
		return newTable(path, about, writeSafetensors, nil)
	case ".jsonl":
		return newLines(path, about, names)
	case ".parquet":
		return newParquet(path, about)
	}
	return nil, fmt.Errorf("%s: no format for the extension %q; name the file %s", path, filepath.Ext(path), alternatives())
}

func extension(path string) string { return strings.ToLower(filepath.Ext(path)) }

func alternatives() string {
	last := len(Extensions) - 1
	return "…" + strings.Join(Extensions[:last], ", …") + " or …" + Extensions[last]
}

// Writable returns an error if the file at path cannot be written: it is not a regular file, or
// its folder does not exist or is not writable. Use it before work begins.
func Writable(path string) error {
	if err := writable(path); err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	s, err := newSpool(path)
	if err != nil {
		return err
	}
	return s.Close()
}

// writable returns an error if path is not a regular file, or its folder does not exist.
func writable(path string) error {
	if path == "" {
		return errors.New("the name of the output file is empty; give one")
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		what := "not a file"
		if info.IsDir() {
			what = "a folder"
		}
		return fmt.Errorf("%s: is %s; choose the name of a file", path, what)
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil || !info.IsDir() {
		return fmt.Errorf("%s: there is no folder %s; make it first: %w", path, filepath.Dir(path), fs.ErrNotExist)
	}
	return nil
}
