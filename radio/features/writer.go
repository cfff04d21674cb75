package features

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"cradio/loader"
	"cradio/radio/data"
	"cradio/radio/internal/rowfile"
)

// Writer adds rows to a store. Only one can be open for a store.
//
// A row is there once Add has returned, also after the process was killed: its numbers are written
// first, and its record last. What was written without a record is overwritten by the next row.
type Writer struct {
	Dir    string
	Recipe Recipe

	release func() error
	files   []rowfile.File // of each column, and last the index
	rows    int
	holes   []int // rows that are damaged: they are written again
	free    []int // rows that were removed
	row     map[key]int
	buffer  []byte
	failed  error // the first error of a write: nothing is written after it
}

// Create opens a store for writing, and makes the folder if there is none. It reads all rows of the
// recipe that are there and compares their checksums. Rows that are damaged or cut short are not
// there: Has is false, and Add writes them again. checked, if not nil, is told how many rows of how
// many are compared.
//
// The error wraps ErrLocked if another process writes to the store.
func Create(ctx context.Context, dir string, r Recipe, checked func(done, total int)) (w *Writer, err error) {
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, loader.WriteError(dir, err)
	}
	w = &Writer{Dir: dir, Recipe: r, row: map[key]int{}}
	if w.release, err = lock(dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			w.Close()
			w = nil
		}
	}()
	if err := settle(dir, r.folder()); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, r.folder()), 0o777); err != nil {
		return nil, loader.WriteError(dir, err)
	}
	if err := w.recover(ctx, checked); err != nil {
		return nil, err
	}
	for i := range r.Columns {
		if err := w.open(w.path(r.file(i))); err != nil {
			return nil, err
		}
	}
	return w, w.openIndex()
}

// checkFolder returns an error for a folder with something else in it, such as the pictures.
func checkFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return loader.WriteError(dir, err)
	}
	for _, e := range entries {
		if e.Name() == lockName || e.Name() == setName {
			return nil
		}
	}
	return &loader.Error{File: dir, Want: "a store, or a new folder", Found: fmt.Sprintf("a folder with other files, such as %s", entries[0].Name()), Do: "choose another folder"}
}

func (w *Writer) path(name string) string { return filepath.Join(w.Dir, w.Recipe.folder(), name) }

func (w *Writer) open(path string) error {
	f, err := rowfile.Open(path)
	if err != nil {
		return loader.WriteError(path, err)
	}
	w.files = append(w.files, f)
	return nil
}

// openIndex opens the index, and cuts off what is no complete record.
func (w *Writer) openIndex() error {
	path := w.path(indexName)
	if err := w.open(path); err != nil {
		return err
	}
	f := w.files[len(w.files)-1]
	_, err := f.WriteAt(w.Recipe.header(), 0)
	if err == nil {
		err = f.Truncate(headerBytes + int64(w.rows)*int64(w.Recipe.recordBytes()))
	}
	if err != nil {
		return loader.WriteError(path, err)
	}
	return nil
}

// recover finds the rows that are there.
func (w *Writer) recover(ctx context.Context, checked func(done, total int)) error {
	s, err := openRows(w.Dir, w.Recipe, true)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a new store, or a column is gone
	}
	if err != nil {
		return err
	}
	defer s.close()
	bad, err := s.damaged(ctx, checked)
	if err != nil {
		return err
	}
	w.rows = len(s.index.records)
	for row, rec := range s.index.records {
		if s.index.free[row] {
			w.free = append(w.free, row)
			continue
		}
		_, twice := w.row[rec.key]
		if bad[row] != nil || twice {
			w.holes = append(w.holes, row)
			continue
		}
		w.row[rec.key] = row
	}
	return nil
}

// Rows is how many rows are there.
func (w *Writer) Rows() int { return len(w.row) }

// Damaged is how many rows were damaged, and are not written again yet.
func (w *Writer) Damaged() int { return len(w.holes) }

// Has reports whether a view of a picture has a row. The picture is the SHA-256 of its file.
func (w *Writer) Has(picture [sha256.Size]byte, v Views, view int) bool {
	_, ok := w.row[key{picture, v.crop(view)}]
	return ok
}

// Add writes the row of a view of a picture: the numbers of each column. A row that is there already
// stays. Numbers that are not finite, in the type of the store, are an error of this row only. After
// an error of the disk nothing more is written; rows that were added before are kept.
func (w *Writer) Add(picture [sha256.Size]byte, v Views, view int, columns [][]float32) error {
	if w.failed != nil {
		return w.failed
	}
	k := key{picture, v.crop(view)}
	if _, ok := w.row[k]; ok {
		return nil
	}
	if len(columns) != len(w.Recipe.Columns) {
		return fmt.Errorf("the row has %d columns, want %d", len(columns), len(w.Recipe.Columns))
	}
	w.buffer = w.buffer[:0]
	for i, values := range columns {
		c := w.Recipe.Columns[i]
		if len(values) != c.Width() {
			return fmt.Errorf("the source %s has %d numbers, want %d, shape %v: all pictures must have one size", c.Source, len(values), c.Width(), c.Shape)
		}
		if at := w.encode(values); at >= 0 {
			return fmt.Errorf("the source %s is %g at number %d: want numbers that are finite in %s", c.Source, values[at], at, w.Recipe.DType)
		}
	}
	row, taken := w.place()
	rec := record{key: k}
	left := w.buffer
	for i := range columns {
		n := w.Recipe.bytes(i)
		rec.sums = append(rec.sums, checksum(left[:n]))
		if err := w.write(i, left[:n], int64(row)*n); err != nil {
			return err
		}
		left = left[n:]
	}
	if err := w.write(len(columns), w.Recipe.encode(rec, row), headerBytes+int64(row)*int64(w.Recipe.recordBytes())); err != nil {
		return err
	}
	w.row[k] = row
	taken()
	return nil
}

// place is where the next row goes, and what to call once it is there.
func (w *Writer) place() (row int, taken func()) {
	for _, list := range []*[]int{&w.holes, &w.free} {
		if n := len(*list); n > 0 {
			return (*list)[n-1], func() { *list = (*list)[:n-1] }
		}
	}
	return w.rows, func() { w.rows++ }
}

// encode appends numbers to the buffer, little-endian. It returns the first that is not finite, or -1.
func (w *Writer) encode(values []float32) (at int) {
	if w.Recipe.DType == BFloat16 {
		for i, v := range values {
			b, ok := bfloat16(v)
			if !ok {
				return i
			}
			w.buffer = binary.LittleEndian.AppendUint16(w.buffer, b)
		}
		return -1
	}
	for i, v := range values {
		if v-v != 0 {
			return i
		}
		w.buffer = binary.LittleEndian.AppendUint32(w.buffer, math.Float32bits(v))
	}
	return -1
}

// write writes to a column's file or, after the last of them, to the index.
func (w *Writer) write(number int, b []byte, at int64) error {
	if _, err := w.files[number].WriteAt(b, at); err != nil {
		w.failed = loader.WriteError(w.path(w.name(number)), err)
	}
	return w.failed
}

// Sync brings what was written to the disk, so that it is there after a power cut too.
func (w *Writer) Sync() error {
	for i, f := range w.files { // the index is the last
		if err := f.Sync(); err != nil && w.failed == nil {
			w.failed = loader.WriteError(w.path(w.name(i)), err)
		}
	}
	return w.failed
}

// name is the file of a column or, after the last of them, the index.
func (w *Writer) name(number int) string {
	if number < len(w.Recipe.Columns) {
		return w.Recipe.file(number)
	}
	return indexName
}

// Finish says which pictures the store is for: those of d, of which each must have a row for each view.
// A run that is interrupted before that leaves the pictures of the last run, and keeps the rows.
func (w *Writer) Finish(d *data.Dataset, v Views, about About) error {
	for _, item := range d.Items {
		for view := range v.Count {
			if !w.Has(item.SHA256, v, view) {
				return fmt.Errorf("%s: view %d has no row in %s", item.Path, view, w.Dir)
			}
		}
	}
	if err := w.Sync(); err != nil {
		return err
	}
	return w.writeSet(d, v, about, true)
}

// Begin says which pictures the store will be for. Until Finish, Open returns an error that says so.
func (w *Writer) Begin(d *data.Dataset, v Views, about About) error {
	return w.writeSet(d, v, about, false)
}

// About is what a store says of the model, for people.
type About struct {
	Model     string // its name
	Synthetic bool   // its weights are: the features carry no meaning
	Blocks    int    // how many blocks it has; 0 if that is not known
	// Settings are the options of the command that made the store, for commands that read it.
	Settings map[string]string
}

func (w *Writer) writeSet(d *data.Dataset, v Views, about About, complete bool) error {
	return writeSet(filepath.Join(w.Dir, setName), setHeader{
		Format: setFormat, Complete: complete, Recipe: w.Recipe, Model: about.Model, Synthetic: about.Synthetic, Blocks: about.Blocks, Settings: about.Settings, Views: v, Entries: w.rows,
		Path: d.Path, Classes: d.Classes, MultiLabel: d.MultiLabel,
	}, d)
}

// Close closes the files and releases the lock. Rows that were added are kept.
func (w *Writer) Close() error {
	var errs []error
	for _, f := range w.files {
		errs = append(errs, f.Close())
	}
	w.files = nil
	if w.release != nil {
		errs = append(errs, w.release())
		w.release = nil
	}
	return errors.Join(errs...)
}
