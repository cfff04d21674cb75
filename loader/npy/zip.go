package npy

import (
	"archive/zip"
	"fmt"
	"io"
)

// Zip writes an .npz archive: numpy.load gives its arrays by name. Members are not compressed, as with numpy.savez.
type Zip struct {
	archive *zip.Writer
	names   map[string]bool
}

// NewZip starts an archive. It is complete after Close, which does not close w.
func NewZip(w io.Writer) *Zip {
	return &Zip{zip.NewWriter(w), map[string]bool{}}
}

// Float32 adds an array. No shape means a scalar.
func (z *Zip) Float32(name string, shape []int, data []float32) error {
	return z.add(name, func(w io.Writer) error { return Write(w, shape, data) })
}

// Strings adds a list of texts.
func (z *Zip) Strings(name string, texts []string) error {
	return z.add(name, func(w io.Writer) error { return WriteStrings(w, texts) })
}

// Close writes the archive's directory.
func (z *Zip) Close() error { return z.archive.Close() }

func (z *Zip) add(name string, write func(io.Writer) error) error {
	if name == "" || z.names[name] {
		return fmt.Errorf("npy: want a different name for every array, found %.100q twice or empty; rename it", name)
	}
	z.names[name] = true
	w, err := z.archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return err
	}
	if err := write(w); err != nil {
		return fmt.Errorf("array %q: %w", name, err)
	}
	return nil
}
