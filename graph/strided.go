package graph

import (
	"errors"
	"fmt"

	"gorgonia.org/tensor"
)

// RowMajor returns x in contiguous row-major order, the last axis fastest. It returns x
// itself if it is in this order, and else a copy, as for slices, transposed and
// column-major tensors. x must be float32 or float64, without masked elements.
func RowMajor(x *tensor.Dense) (*tensor.Dense, error) {
	rows, err := layout(x)
	if err != nil {
		return nil, err
	}
	n := x.Shape().TotalSize()
	if rows && lengthOf(x) == n {
		return x, nil
	}
	d := newDense(x.Dtype(), x.Shape().Clone())
	return d, Assign(d, x)
}

// Assign copies x, of any strides, to dst, which is row-major and of the same shape. A
// float32 may become a float64.
func Assign(dst, x *tensor.Dense) error {
	if _, err := layout(x); err != nil {
		return err
	}
	switch {
	case dst.Dtype() == tensor.Float32 && x.Dtype() == tensor.Float32:
		gatherStrided(dst.Float32s(), x.Float32s(), x.Shape(), x.Strides())
	case dst.Dtype() == tensor.Float64 && x.Dtype() == tensor.Float64:
		gatherStrided(dst.Float64s(), x.Float64s(), x.Shape(), x.Strides())
	case dst.Dtype() == tensor.Float64:
		gatherStrided(dst.Float64s(), x.Float32s(), x.Shape(), x.Strides())
	default:
		return fmt.Errorf("is of %v, want %v", x.Dtype(), dst.Dtype())
	}
	return nil
}

// inRows is the error of a tensor that is not row-major.
func inRows(x *tensor.Dense) error {
	rows, err := layout(x)
	if err == nil && (!rows || lengthOf(x) != x.Shape().TotalSize()) {
		err = fmt.Errorf("has strides %v for shape %v: must be row-major; use graph.RowMajor", x.Strides(), x.Shape())
	}
	return err
}

// fits is the error of a tensor that is not row-major, or of another shape or type.
func fits(x *tensor.Dense, shape tensor.Shape, dt tensor.Dtype) error {
	if err := inRows(x); err != nil {
		return err
	}
	if !x.Shape().Eq(shape) || x.Dtype() != dt {
		return fmt.Errorf("is %v of %v, want %v of %v", x.Shape(), x.Dtype(), shape, dt)
	}
	return nil
}

// layout says whether the elements of x lie in row-major order, and what is wrong with a
// tensor that cannot be read.
func layout(x *tensor.Dense) (rows bool, err error) {
	switch {
	case x == nil:
		return false, errors.New("is nil, want a tensor")
	case x.Dtype() != tensor.Float32 && x.Dtype() != tensor.Float64:
		return false, fmt.Errorf("is of %v, want float32 or float64", typeName(x))
	case !x.IsNativelyAccessible():
		return false, errors.New("is in memory that Go cannot read, such as a GPU's; copy it to main memory")
	}
	for i, masked := range x.Mask() {
		if masked {
			return false, fmt.Errorf("has a mask that hides element %d; want a tensor without masked elements", i)
		}
	}
	shape, strides := x.Shape(), x.Strides()
	n := shape.TotalSize()
	if n > 0 && len(shape) > 0 && len(strides) != len(shape) {
		return false, fmt.Errorf("has strides %v for shape %v, want one for each axis", strides, shape)
	}
	rows = true
	first, last, step := 0, 0, 1
	for i := len(shape) - 1; i >= 0 && n > 0; i-- {
		reach := (shape[i] - 1) * strides[i]
		first, last = first+min(reach, 0), last+max(reach, 0)
		rows = rows && (shape[i] == 1 || strides[i] == step)
		step *= shape[i]
	}
	if n > 0 && (first < 0 || last >= lengthOf(x)) {
		return false, fmt.Errorf("has strides %v for shape %v, which lead outside its %d elements", strides, shape, lengthOf(x))
	}
	return rows, nil
}

// typeName is the name of the elements' type, which the zero tensor has none of.
func typeName(x *tensor.Dense) string {
	if x.Dtype().Type == nil {
		return "no type"
	}
	return x.Dtype().String()
}

// lengthOf is how many elements the memory of x has.
func lengthOf(x *tensor.Dense) int {
	if x.Dtype() == tensor.Float64 {
		return len(x.Float64s())
	}
	return len(x.Float32s())
}

// float is the type of an element.
type float interface{ float32 | float64 }

// gatherStrided copies the elements of src, whose axes have these strides, to dst, where
// they are row-major.
func gatherStrided[D, S float](dst []D, src []S, shape, strides []int) {
	if len(dst) == 0 || tensor.Shape(shape).TotalSize() == 0 {
		return
	}
	// Axes that lie together are one.
	var sizes, steps []int
	for i, n := range shape {
		switch k := len(sizes) - 1; {
		case n == 1:
		case k >= 0 && steps[k] == n*strides[i]:
			sizes[k], steps[k] = sizes[k]*n, strides[i]
		default:
			sizes, steps = append(sizes, n), append(steps, strides[i])
		}
	}
	if len(sizes) == 0 {
		sizes, steps = []int{1}, []int{1}
	}
	gatherAxes(dst, src, 0, sizes, steps)
}

// gatherAxes copies from index `from` of src on, and returns what is left of dst.
func gatherAxes[D, S float](dst []D, src []S, from int, shape, strides []int) []D {
	n, step := shape[0], strides[0]
	if len(shape) > 1 {
		for i := range n {
			dst = gatherAxes(dst, src, from+i*step, shape[1:], strides[1:])
		}
		return dst
	}
	if same, ok := any(dst).([]S); ok && step == 1 {
		copy(same[:n], src[from:from+n])
		return dst[n:]
	}
	for i := range n {
		dst[i] = D(src[from+i*step])
	}
	return dst[n:]
}
