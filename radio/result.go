package radio

import "gorgonia.org/tensor"

// Result is what one image gives. Its tensors have no batch axis: Summary is (C), Features are
// (T, D) or (D, h, w).
type Result struct {
	Outputs[*tensor.Dense]
	Index         int    // of the input
	Name          string // of the input
	Height, Width int    // pixels that the model saw
	Original      [2]int // height and width of the image before it was resized
	Err           error  // why this image has no features
}

// take fills r with image i of a batch, sharing its memory.
func (r *Result) take(out *Output, i int) {
	r.Outputs = convert(out.Outputs, func(d *tensor.Dense, rows int) *tensor.Dense { return entry(d, rows, i) })
}

// keep gives r memory of its own.
func (r *Result) keep() { r.Outputs = Convert(r.Outputs, clone) }
