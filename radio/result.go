package radio

import "gorgonia.org/tensor"

// Result is what one image gives. Its tensors have no batch axis.
type Result struct {
	Index         int           // of the input
	Name          string        // of the input
	Height, Width int           // pixels that the model saw
	Original      [2]int        // height and width of the image before it was resized
	Rows, Cols    int           // the patch grid
	Summary       *tensor.Dense // (C)
	Features      *tensor.Dense // (T, D) or (D, h, w)
	Adaptors      map[string]AdaptorOutput
	Intermediates []Intermediate
	Attention     []AttentionWeights // weights (heads, rows, T)
	// Taps are what Request.Taps asked for. One of windows is (windows, …); one that does not
	// depend on the image, such as patch_generator.pos_embed, is as in Output.
	Taps map[string]*tensor.Dense
	Err  error // why this image has no features

	tapRows map[string]int // see Output
}

// take fills r with entry i of a batch.
func (r *Result) take(out *Output, i int) {
	r.Rows, r.Cols = out.Rows, out.Cols
	r.Summary, r.Features = entry(out.Summary, i), entry(out.Features, i)
	r.Adaptors = map[string]AdaptorOutput{}
	for name, a := range out.Adaptors {
		r.Adaptors[name] = AdaptorOutput{Summary: entry(a.Summary, i), Features: entry(a.Features, i)}
	}
	for _, in := range out.Intermediates {
		r.Intermediates = append(r.Intermediates, Intermediate{
			Block: in.Block, Features: entry(in.Features, i), Prefix: entry(in.Prefix, i),
		})
	}
	r.tapRows = out.tapRows
	r.Taps = make(map[string]*tensor.Dense, len(out.Taps))
	for path, d := range out.Taps {
		r.Taps[path] = tapOf(d, out.tapRows[path], i)
	}
	for _, a := range out.Attention {
		r.Attention = append(r.Attention, AttentionWeights{a.Block, a.Rows, entry(a.Weights, i)})
	}
}

// keep gives r memory of its own.
func (r *Result) keep() {
	r.Taps = cloneTaps(r.Taps)
	r.Summary, r.Features = clone(r.Summary), clone(r.Features)
	r.Adaptors, r.Intermediates = cloneAdaptors(r.Adaptors), cloneIntermediates(r.Intermediates)
	r.Attention = cloneAttention(r.Attention)
}

// entry is entry i of a batch, sharing its memory.
func entry(d *tensor.Dense, i int) *tensor.Dense {
	if d == nil {
		return nil
	}
	shape := d.Shape()[1:].Clone()
	n := shape.TotalSize()
	if d.Dtype() == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d.Float64s()[i*n:(i+1)*n]))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d.Float32s()[i*n:(i+1)*n]))
}
