package output

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"cradio/loader"
	"cradio/radio"
)

// table is the Writer of the array formats. It has a column for each part of a result. Columns
// are kept in temporary files until the number of rows is known.
type table struct {
	path    string
	about   About
	names   []string
	added   int      // images with features
	facts   []fact   // set by Commit
	shapes           // of the image of each row
	failed  []failed // images without a row, or with a row of NaN
	owed    int      // rows of NaN to write once the first result defines their shape
	columns []*column
	write   func(ctx context.Context, t *table) error
	keep    func(Part) bool // selects the parts to write; nil selects all
}

// column holds one part of all results.
type column struct {
	*spool
	name   string
	dtype  DType
	first  []int   // shape of row 0
	shapes [][]int // of each row; nil while all equal the first
	rows   int
}

// array is a column, or one row of a column that cannot be stacked.
type array struct {
	Array
	data func(ctx context.Context) io.Reader // little-endian
}

func newTable(path string, about About, write func(context.Context, *table) error, keep func(Part) bool) (*table, error) {
	t := &table{path: path, about: about, write: write, keep: keep}
	// Create the first column now, to find out if the folder cannot be written.
	first := "summary"
	if keep != nil && about.Features {
		first = "features"
	}
	if _, err := t.column(first); err != nil {
		return nil, err
	}
	return t, nil
}

// column returns the column with a name, and creates it if needed.
func (t *table) column(name string) (*column, error) {
	for _, c := range t.columns {
		if c.name == name {
			return c, nil
		}
	}
	s, err := newSpool(t.path)
	if err != nil {
		return nil, err
	}
	c := &column{spool: s, name: name, dtype: t.about.DType}
	t.columns = append(t.columns, c)
	return c, nil
}

// Add implements Writer.
func (t *table) Add(r radio.Result) error {
	if r.Err != nil {
		return fmt.Errorf("output: result of %s has an error: %w", r.Name, r.Err)
	}
	for _, p := range Parts(r, t.about) {
		if t.keep != nil && !t.keep(p) {
			continue
		}
		c, err := t.column(p.Name)
		if err != nil {
			return err
		}
		if t.keep != nil && c.rows > 0 && !slices.Equal(p.Shape, c.first) {
			return fmt.Errorf("%s: %s of %s has shape %v, but earlier images have %v, and an .npy file holds one array; "+
				"give all images one size, or choose .npz", t.path, p.Name, r.Name, p.Shape, c.first)
		}
		for ; t.owed > 0; t.owed-- {
			if err := c.add(nans(p.Array)); err != nil {
				return notWritten(t.path, err)
			}
		}
		if err := c.add(p); err != nil {
			return notWritten(t.path, err)
		}
	}
	t.names = append(t.names, r.Name)
	t.shapes.add(r)
	t.added++
	return nil
}

// Fail implements Writer.
func (t *table) Fail(r radio.Result) error {
	f := failed{name: r.Name, reason: r.Err.Error(), row: -1}
	if t.about.Missing == NaN {
		f.row = len(t.names)
		t.names = append(t.names, r.Name)
		t.shapes.add(radio.Result{Original: r.Original})
		if c := t.columns[0]; c.rows == 0 {
			t.owed++
		} else if err := c.add(nans(Array{c.name, c.first})); err != nil {
			return notWritten(t.path, err)
		}
	}
	t.failed = append(t.failed, f)
	return nil
}

// nans returns a part that is all NaN, for a failed image.
func nans(a Array) Part {
	p := Part{Array: a, Data: make([]float32, elements(a.Shape))}
	for i := range p.Data {
		p.Data[i] = float32(math.NaN())
	}
	return p
}

func (c *column) add(p Part) error {
	switch {
	case c.rows == 0:
		c.first = slices.Clone(p.Shape)
	case c.shapes == nil && !slices.Equal(p.Shape, c.first):
		c.shapes = slices.Repeat([][]int{c.first}, c.rows)
	}
	if c.shapes != nil {
		c.shapes = append(c.shapes, slices.Clone(p.Shape))
	}
	c.rows++
	return c.part(p, c.dtype)
}

// arrays returns the arrays of the columns.
func (t *table) arrays() []array {
	var list []array
	for _, c := range t.columns {
		if c.rows == 0 {
			continue
		}
		if c.shapes == nil {
			shape := append([]int{c.rows}, c.first...)
			list = append(list, c.array(c.name, shape, 0))
			continue
		}
		offset := int64(0)
		for i, shape := range c.shapes {
			list = append(list, c.array(fmt.Sprintf("%s.%d", c.name, i), shape, offset))
			offset += c.bytesOf(shape)
		}
	}
	return list
}

func (c *column) array(name string, shape []int, offset int64) array {
	return array{Array{name, shape}, func(ctx context.Context) io.Reader { return c.section(ctx, offset, c.bytesOf(shape)) }}
}

// bytesOf returns the size of an array in the file, bytes.
func (c *column) bytesOf(shape []int) int64 { return int64(c.dtype.Size()) * int64(elements(shape)) }

func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// Commit implements Writer.
func (t *table) Commit(ctx context.Context) ([]Array, error) {
	if t.added == 0 {
		return nil, errors.New("output: no results to write")
	}
	identity, err := t.about.identity()
	if err != nil {
		return nil, fmt.Errorf("%s: not written: %w", t.path, err)
	}
	t.facts = t.about.facts(identity)
	if err := t.write(ctx, t); err != nil {
		return nil, err
	}
	var list []Array
	for _, a := range t.arrays() {
		list = append(list, a.Array)
	}
	return list, nil
}

// Close implements Writer.
func (t *table) Close() error {
	var errs []error
	for _, c := range t.columns {
		errs = append(errs, c.Close())
	}
	t.columns = nil
	return errors.Join(errs...)
}

// file writes the output file atomically.
func (t *table) file(write func(w io.Writer) error) error { return loader.WriteFile(t.path, write) }
