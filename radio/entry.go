package radio

import "gorgonia.org/tensor"

// entry is what belongs to image i in a value of a batch, sharing its memory; nil of nil. rows is
// how many entries along the first axis an image has. With one the result has no batch axis; with
// several it is (rows, …), as of windows; with 0 images share the value, and it is all of it.
func entry(d *tensor.Dense, rows, i int) *tensor.Dense {
	switch {
	case d == nil || rows == 0:
		return d
	case rows == 1:
		return slice(d, i)
	}
	windows := make([]int, 0, d.Dims()+1)
	windows = append(append(windows, d.Shape()[0]/rows, rows), d.Shape()[1:]...)
	return slice(reshaped(d, windows), i)
}

// slice is entry i along the first axis, sharing the memory.
func slice(d *tensor.Dense, i int) *tensor.Dense {
	shape := d.Shape()[1:].Clone()
	n := shape.TotalSize()
	if d.Dtype() == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d.Float64s()[i*n:(i+1)*n]))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d.Float32s()[i*n:(i+1)*n]))
}

// batched is the inverse of entry: of the values of images of one shape, that of their batch. It is
// nil where they are nil.
func batched(images []*tensor.Dense, rows int) *tensor.Dense {
	switch {
	case images[0] == nil || rows == 0:
		return images[0]
	case rows == 1:
		return stack(images)
	}
	d := stack(images)
	return reshaped(d, append([]int{len(images) * rows}, d.Shape()[2:]...))
}

// stack joins tensors of one shape along a new first axis.
func stack(list []*tensor.Dense) *tensor.Dense {
	shape := list[0].Shape()
	n := shape.TotalSize()
	out := tensor.New(tensor.Of(list[0].Dtype()), tensor.WithShape(append([]int{len(list)}, shape...)...))
	for i, d := range list {
		if out.Dtype() == tensor.Float64 {
			copy(out.Float64s()[i*n:], d.Float64s())
		} else {
			copy(out.Float32s()[i*n:], d.Float32s())
		}
	}
	return out
}

// reshaped is d with another shape of as many elements, sharing its memory.
func reshaped(d *tensor.Dense, shape []int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d.Data()))
}
