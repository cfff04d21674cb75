package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"

	"cradio/cpu"
	"cradio/graph"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/features"
)

// Index is an index that is open for searching. Several goroutines and processes may search one.
type Index struct {
	*features.Store // the pictures are in Set
	columns         []*column
	first           []int32 // of each row: its first picture, or -1
	next            []int32 // of each picture: the next one of the same row, or -1
}

// column is what an index has of a source.
type column struct {
	source radio.Source
	array  *features.Array
	codes  *codes
	rows   *rows
}

// Open opens an index. An error says what is wrong with it, and what to do.
func Open(dir string) (x *Index, err error) {
	s, err := features.Open(dir)
	if err != nil {
		return nil, inWords(dir, err)
	}
	x = &Index{Store: s}
	defer func() {
		if err != nil {
			x.Close()
			x = nil
		}
	}()
	defer x.guard(&err)()
	if s.Recipe.DType != features.Float32 {
		return nil, &loader.Error{File: dir, Want: "an index, with numbers in float32", Found: string(s.Recipe.DType), Do: "make one with cradio index"}
	}
	return x, x.open()
}

// inWords says what to do about an index, rather than about a store of features.
func inWords(dir string, err error) error {
	var e *loader.Error
	if !errors.As(err, &e) {
		return err
	}
	of := *e
	of.Do = "run the same cradio index command again: it computes what is missing, and keeps the others"
	if errors.Is(err, fs.ErrNotExist) && e.File == dir {
		of.Want, of.Do = "an index of pictures", "make one with cradio index FOLDER"
	}
	if errors.Is(err, features.ErrLocked) {
		of.Do = e.Do
	}
	return &of
}

func (x *Index) open() error {
	for _, c := range x.Recipe.Columns {
		if len(c.Shape) != 1 {
			continue // patches are nothing to search for
		}
		a, err := x.Array(c.Source)
		if err != nil {
			return err
		}
		codes, err := openCodes(x.Store, c.Source, a.Width, a.Rows)
		if err != nil {
			return err
		}
		x.columns = append(x.columns, &column{source: c.Source, array: a, codes: codes})
	}
	if len(x.columns) == 0 {
		return &loader.Error{File: x.Dir, Want: "an index with vectors", Found: "features of patches only", Do: "make one with cradio index"}
	}
	x.link(x.columns[0].array.Rows)
	for _, c := range x.columns {
		c.rows = x.rowsOf(c)
	}
	return nil
}

// link finds the pictures of each row.
func (x *Index) link(n int) {
	x.first, x.next = make([]int32, n), make([]int32, len(x.Set.Items))
	for i := range x.first {
		x.first[i] = -1
	}
	for i := len(x.Set.Items) - 1; i >= 0; i-- {
		x.next[i] = -1
		if row := x.Row(i, 0); row >= 0 && row < n {
			x.next[i], x.first[row] = x.first[row], int32(i)
		}
	}
}

// rowsOf is what a search of a column compares.
func (x *Index) rowsOf(c *column) *rows {
	n := c.array.Rows
	r := &rows{
		width: c.array.Width, padded: padded(c.array.Width), n: n, codes: c.codes.all(), mean: c.codes.mean,
		scale: make([]float32, n), bound: make([]float32, n), row: c.array.Float32,
	}
	for row := range n {
		switch {
		case x.first[row] < 0:
			r.bound[row] = absent
		case c.codes.valid[row]:
			r.scale[row], r.bound[row] = c.codes.records[row].scale, c.codes.records[row].residual
		default:
			r.bound[row] = none
		}
	}
	return r
}

// column returns what the index has of a source.
func (x *Index) column(source radio.Source) (*column, error) {
	i := slices.IndexFunc(x.columns, func(c *column) bool { return c.source == source })
	if i < 0 {
		return nil, &loader.Error{File: x.Dir, Want: fmt.Sprintf("the source %s", source), Found: fmt.Sprint(x.Sources()), Do: "index with it, into another folder"}
	}
	return x.columns[i], nil
}

// Sources lists what can be searched for: the summary, and summaries of adaptors.
func (x *Index) Sources() []radio.Source {
	var list []radio.Source
	for _, c := range x.columns {
		list = append(list, c.source)
	}
	return list
}

// Vector returns the vector of a picture of Set, without a copy.
func (x *Index) Vector(source radio.Source, item int) ([]float32, error) {
	c, err := x.column(source)
	if err != nil {
		return nil, err
	}
	return c.array.Float32(x.Row(item, 0)), nil
}

// Options are those of a search.
type Options struct {
	Pool *cpu.Pool // nil means cpu.Default
}

func (o Options) pool() *cpu.Pool {
	if o.Pool == nil {
		return cpu.Default()
	}
	return o.Pool
}

// Hit is a picture that was found.
type Hit struct {
	Item  int // of Set
	Path  string
	Score float64 // cosine similarity
}

// Search returns the k pictures whose vectors of a source have the largest cosines to a query, the best
// first, computed in float64. Of equal ones, that which comes first in Set is better. There are fewer if
// the index has fewer pictures.
func (x *Index) Search(ctx context.Context, source radio.Source, query []float32, k int, opt Options) (hits []Hit, err error) {
	c, err := x.column(source)
	if err != nil {
		return nil, err
	}
	switch {
	case k < 1:
		return nil, fmt.Errorf("k is %d: must be at least 1", k)
	case len(query) != c.array.Width:
		return nil, fmt.Errorf("the query has %d numbers, but %s has rows of %d of the source %s: it must come from the same model", len(query), x.Dir, c.array.Width, source)
	}
	for i, v := range query {
		if v-v != 0 {
			return nil, fmt.Errorf("the query is %g at number %d: must be finite", v, i)
		}
	}
	defer x.guard(&err)()
	found, err := c.rows.nearest(ctx, opt.pool(), query, min(k, c.rows.n))
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		for i := x.first[f.row]; i >= 0; i = x.next[i] {
			hits = append(hits, Hit{int(i), x.Set.Items[i].Path, f.score})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return nearer(scored{a.Item, a.Score}, scored{b.Item, b.Score}) })
	return hits[:min(k, len(hits))], nil
}

// guard makes a read of a mapped file that faults, since another process has shortened it, an error.
func (x *Index) guard(err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		panicked := recover()
		if panicked == nil {
			return
		}
		addr, ok := graph.FaultAddress(panicked)
		if !ok {
			panic(panicked)
		}
		for _, c := range x.columns {
			if *err = c.codes.fault(addr); *err != nil {
				return
			}
		}
		if *err = x.Fault(addr); *err == nil {
			panic(panicked)
		}
	}
}

// Close unmaps the files. Closing nil does nothing.
func (x *Index) Close() error {
	if x == nil {
		return nil
	}
	for _, c := range x.columns {
		c.codes.close()
	}
	return x.Store.Close()
}

// Guard calls body, which reads vectors. A read that faults, since another process has shortened a file,
// becomes an error that names it.
func (x *Index) Guard(body func() error) (err error) {
	defer x.guard(&err)()
	return body()
}
