package output

import (
	"fmt"
	"maps"
	"slices"

	"cradio/graph"
	"cradio/radio"

	"gorgonia.org/tensor"
)

// Part is one named tensor of a result.
type Part struct {
	Array
	Data    []float32 // row-major; rounded if the model computes in float64
	Float64 []float64 // the same before rounding; nil unless the model computes in float64
}

// Parts returns the tensors of a result that a file holds, in a fixed order.
func Parts(r radio.Result, about About) []Part {
	var list []Part
	add := func(d *tensor.Dense, format string, args ...any) {
		if d != nil {
			list = append(list, newPart(fmt.Sprintf(format, args...), d))
		}
	}
	add(r.Summary, "summary")
	if about.Features {
		add(r.Features, "features")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Adaptors)) {
		add(r.Adaptors[name].Summary, "adaptor.%s.summary", name)
		if about.Features {
			add(r.Adaptors[name].Features, "adaptor.%s.features", name)
		}
	}
	for _, i := range r.Intermediates {
		add(i.Features, "intermediate.%d.features", i.Block)
		add(i.Prefix, "intermediate.%d.prefix", i.Block)
	}
	return list
}

// newPart copies the elements of d in row-major order.
func newPart(name string, d *tensor.Dense) Part {
	if rows, err := graph.RowMajor(d); err == nil { // the caller may have transposed it
		d = rows
	}
	p := Part{Array: Array{name, d.Shape()}}
	if d.Dtype() == tensor.Float32 {
		p.Data = d.Float32s()
		return p
	}
	p.Float64 = d.Float64s()
	p.Data = make([]float32, len(p.Float64))
	for i, v := range p.Float64 {
		p.Data[i] = float32(v)
	}
	return p
}

// At returns element i, before any rounding.
func (p *Part) At(i int) float64 {
	if p.Float64 != nil {
		return p.Float64[i]
	}
	return float64(p.Data[i])
}
