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

// Writer makes one file out of results. It is used by one goroutine at a time.
type Writer interface {
	// Add takes a result that has no Err. After an error only Close is of use.
	Add(r radio.Result) error
	// Fail takes a result that has an Err, in its turn: a row with an error in .parquet, one
	// of NaN in .npy where About.Missing says so; the other formats leave it out.
	Fail(r radio.Result) error
	// Commit writes the file, and lists the arrays that it holds. It stops when
	// ctx is done, and then there is no file.
	Commit(ctx context.Context) ([]Array, error)
	// Close removes what is temporary. It is always called, last.
	Close() error
}

// Array describes an array in a file.
type Array struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

// Extensions are the formats that Create knows.
var Extensions = []string{".npy", ".npz", ".safetensors", ".jsonl", ".parquet"}

// Create begins a file. names are the pictures that will be added, in that
// order; some may be left out. A folder that cannot be written is an error
// here, before anything is computed.
func Create(path string, about About, names []string) (Writer, error) {
	if err := writable(path); err != nil {
		return nil, err
	}
	if err := about.DType.check(path); err != nil {
		return nil, err
	}
	if about.Missing == NaN && extension(path) != ".npy" {
		return nil, fmt.Errorf("%s: rows of NaN are of .npy files alone: the others hold the paths of their rows; choose .npy, or leave images that fail out", path)
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

// Writable refuses a path that cannot be written, before work begins: a folder or
// another thing that is no file, or one in a folder that does not exist or takes no files.
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

// writable refuses a path that is not a file, or whose folder does not exist.
func writable(path string) error {
	if path == "" {
		return errors.New("the name of the file to write is empty; give one")
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
