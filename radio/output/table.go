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

// table is the Writer of the formats that hold arrays: a column for every part
// of a result, spooled until the number of rows is known.
type table struct {
	path    string
	about   About
	names   []string
	added   int      // images that have features
	facts   []fact   // from Commit on
	shapes           // of every row's image
	failed  []failed // images that are no rows, or rows of NaN
	owed    int      // rows of NaN before the first that tells their shape
	columns []*column
	write   func(ctx context.Context, t *table) error
	keep    func(Part) bool // which parts are written, nil for all
}

// column is one part of every result.
type column struct {
	*spool
	name   string
	dtype  DType
	first  []int   // shape of row 0
	shapes [][]int // of every row, or nil while all are like the first
	rows   int
}

// array is a column, or a row of a column that cannot be stacked.
type array struct {
	Array
	data func(ctx context.Context) io.Reader // little-endian
}

func newTable(path string, about About, write func(context.Context, *table) error, keep func(Part) bool) (*table, error) {
	t := &table{path: path, about: about, write: write, keep: keep}
	// The first column, so that a folder that cannot be written is known at once.
	first := "summary"
	if keep != nil && about.Features {
		first = "features"
	}
	if _, err := t.column(first); err != nil {
		return nil, err
	}
	return t, nil
}

// column finds or makes the column of a name.
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
			return fmt.Errorf("%s: %s of %s is %v, but %v of the pictures before it, and an .npy file holds one array; "+
				"give all pictures one size, or choose .npz", t.path, p.Name, r.Name, p.Shape, c.first)
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

// nans is a part of an image that has none.
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

// arrays lists what the columns hold.
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

// bytesOf is the size of an array in the file.
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

// file writes the output atomically.
func (t *table) file(write func(w io.Writer) error) error { return loader.WriteFile(t.path, write) }
