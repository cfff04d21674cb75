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
	Data []float32
}

// Parts lists what a file holds of a result, always in one order.
func Parts(r radio.Result, about About) []Part {
	var list []Part
	add := func(d *tensor.Dense, format string, args ...any) {
		if d != nil {
			list = append(list, Part{Array{fmt.Sprintf(format, args...), d.Shape()}, float32s(d)})
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

// float32s is the elements of d in row-major order, rounded where d is float64.
func float32s(d *tensor.Dense) []float32 {
	if rows, err := graph.RowMajor(d); err == nil { // the caller may have turned it around
		d = rows
	}
	if d.Dtype() == tensor.Float32 {
		return d.Float32s()
	}
	wide := d.Float64s()
	narrow := make([]float32, len(wide))
	for i, v := range wide {
		narrow[i] = float32(v)
	}
	return narrow
}
