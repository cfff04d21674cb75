package loader

import "fmt"

// RowSource is a Source that reads some rows of a matrix without converting all of it: of a table of
// embeddings in half precision, which may be larger than the rest of a model.
type RowSource interface {
	Source
	// Float32Rows reads rows of a matrix (N, D) into dst (len(rows), D). Errors are those of
	// Float32, and of a row that is not there.
	Float32Rows(dst []float32, name string, rows []int, shape [2]int) error
}

// Float32Rows implements RowSource.
func (f *File) Float32Rows(dst []float32, name string, rows []int, shape [2]int) error {
	f.open.RLock()
	defer f.open.RUnlock()
	v, err := f.typed(name, shape[:], realTypes...)
	if err != nil {
		return err
	}
	return f.rows(dst, name, v, rows)
}

// Float32Rows implements RowSource.
func (d *TorchDict) Float32Rows(dst []float32, name string, rows []int, shape [2]int) error {
	d.t.open.RLock()
	defer d.t.open.RUnlock()
	v, err := d.view(name, shape[:], realTypes)
	if err != nil {
		return err
	}
	return d.t.rows(dst, name, v, rows)
}

// Float32Rows implements RowSource.
func (c *Checkpoint) Float32Rows(dst []float32, name string, rows []int, shape [2]int) error {
	source, ok := c.holder[name]
	if !ok {
		return missing(c.path, name)
	}
	if r, ok := source.(RowSource); ok {
		return r.Float32Rows(dst, name, rows, shape)
	}
	return fmt.Errorf("%s: %s: cannot read rows", source, tensorItem(name))
}

// Float32Rows implements RowSource.
func (s *Synthetic) Float32Rows(dst []float32, name string, rows []int, shape [2]int) error {
	if err := s.Check(name, shape[:]...); err != nil {
		return err
	}
	if err := checkRows(dst, rows, shape[0], shape[1]); err != nil {
		return locate(err, s.String(), tensorItem(name), "")
	}
	centre, amplitude := distribution(name, leafOf(name), shape[:])
	h, d := fnv1a64(s.seed+name), shape[1]
	for i, row := range rows {
		fill(dst[i*d:(i+1)*d], h, row*d, centre, amplitude)
	}
	return nil
}

// rows reads rows of a matrix. The caller holds m's lock.
func (m *MappedFile) rows(dst []float32, name string, v view, rows []int) error {
	d := v.shape[1]
	if err := checkRows(dst, rows, v.shape[0], d); err != nil {
		return locate(err, m.path, tensorItem(name), "")
	}
	fits := true
	err := m.guarded(func() {
		for i, row := range rows {
			v.pieces(row*d, (row+1)*d, func(lo, hi int, raw []byte) {
				fits = decodeReals(dst[i*d+lo-row*d:i*d+hi-row*d], raw, v.dtype) && fits
			})
		}
	})
	if err == nil && !fits {
		err = &Error{File: m.path, Item: tensorItem(name), Want: "values in float32's range", Found: "a float64 beyond it", Do: "rescale the tensor, or download the file again"}
	}
	return err
}

// checkRows is an error of a row that is not there, or of too little memory.
func checkRows(dst []float32, rows []int, n, d int) error {
	if len(dst) != len(rows)*d {
		return &Error{Want: fmt.Sprintf("memory for %d rows of %d", len(rows), d), Found: fmt.Sprintf("%d numbers", len(dst))}
	}
	for _, row := range rows {
		if row < 0 || row >= n {
			return &Error{Want: fmt.Sprintf("a row from 0 to %d", n-1), Found: fmt.Sprintf("row %d", row)}
		}
	}
	return nil
}
