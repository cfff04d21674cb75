package radio

import "gorgonia.org/tensor"

// Float is an element type of tensors: float32, or float64 where the model computes in Float64.
type Float interface{ float32 | float64 }

// Values are the elements of a tensor, the last axis fastest, in the type that is asked for.
// They share the tensor's memory where that is its own type, and are a copy otherwise: float64
// is rounded to float32. Nil where there is no tensor.
func Values[T Float](d *tensor.Dense) []T {
	if d == nil {
		return nil
	}
	switch v := d.Data().(type) {
	case []T:
		return v
	case []float32:
		return converted[T](v)
	case []float64:
		return converted[T](v)
	case T: // of a tensor without axes
		return []T{v}
	}
	return nil
}

func converted[T, From Float](from []From) []T {
	to := make([]T, len(from))
	for i, v := range from {
		to[i] = T(v)
	}
	return to
}

// Rows are the vectors along the last axis of a tensor, in order: of (B, C) those of each image,
// of (T, D) those of each patch. Memory is as in Values.
func Rows(d *tensor.Dense) [][]float32 {
	if d == nil || d.Dims() == 0 {
		return nil
	}
	v, width := Values[float32](d), d.Shape()[d.Dims()-1]
	rows := make([][]float32, 0, len(v)/max(width, 1))
	for ; len(v) >= width && width > 0; v = v[width:] {
		rows = append(rows, v[:width:width])
	}
	return rows
}

// Vector is the summary (C), or nil of a Result with an error. See Values for its memory.
func (r Result) Vector() []float32 { return Values[float32](r.Summary) }

// Patch is the feature (D) of the patch in a row and a column of the grid, Rows×Cols. It is nil
// where there is no such patch, or no features. In NCHW it is a copy; or see Values.
func (r Result) Patch(row, col int) []float32 {
	return patch(Values[float32](r.Features), r.Rows, r.Cols, row, col, isPlanes(r.Features, 3))
}

// Patches are the features of all patches, row by row: Rows·Cols of (D). Memory is as in Patch.
func (r Result) Patches() [][]float32 {
	return patches(Values[float32](r.Features), r.Rows, r.Cols, isPlanes(r.Features, 3))
}

// Summaries are the summary (C) of each image. See Values for their memory.
func (o Output) Summaries() [][]float32 { return Rows(o.Summary) }

// Patch is the feature (D) of a patch of an image, as Result.Patch.
func (o Output) Patch(image, row, col int) []float32 {
	return patch(o.features(image), o.Rows, o.Cols, row, col, isPlanes(o.Features, 4))
}

// Patches are the features of all patches of an image, as Result.Patches.
func (o Output) Patches(image int) [][]float32 {
	return patches(o.features(image), o.Rows, o.Cols, isPlanes(o.Features, 4))
}

// features are those of one image, or nil.
func (o Output) features(image int) []float32 {
	if o.Features == nil || image < 0 || image >= o.Features.Shape()[0] {
		return nil
	}
	return Values[float32](slice(o.Features, image))
}

// isPlanes says whether features are in NCHW, which has so many axes.
func isPlanes(d *tensor.Dense, axes int) bool { return d != nil && d.Dims() == axes }

// patch is one vector of features, which are tokens (rows·cols, D) or planes (D, rows, cols).
func patch(v []float32, rows, cols, row, col int, planes bool) []float32 {
	if row < 0 || row >= rows || col < 0 || col >= cols || len(v) == 0 {
		return nil
	}
	tokens, at := rows*cols, row*cols+col
	width := len(v) / tokens
	if !planes {
		return v[at*width:][:width:width]
	}
	p := make([]float32, width)
	for i := range p {
		p[i] = v[i*tokens+at]
	}
	return p
}

func patches(v []float32, rows, cols int, planes bool) [][]float32 {
	if len(v) == 0 {
		return nil
	}
	list := make([][]float32, rows*cols)
	for i := range list {
		list[i] = patch(v, rows, cols, i/cols, i%cols, planes)
	}
	return list
}
