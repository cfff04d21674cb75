package cuda

import (
	"fmt"
	"slices"

	"cradio/graph"
)

func init() { implement(lowerLayerNorm).forms = writesBF16 }

// normWidths are those of kernels that keep a row in registers.
var normWidths = []int{768, 1024, 1280, 1536}

func lowerLayerNorm(d *Device, k graph.LayerNorm, i *graph.Instruction) (s step) {
	n, dim := rows(i.Out().Shape()), last(i.Out().Shape())
	kernel := "layernorm_" + form(i.Out())
	onHopper := d.about.Architecture == hopper && i.Out().Form() == BF16
	if onHopper {
		kernel = "hopper_" + kernel
	}
	args := []any{i.Out(), i.In()[0], input(i, 1), input(i, 2)}
	if slices.Contains(normWidths, dim) {
		args = append(args, n, stride(i.Out()), float32(k.Eps), float32(k.Gain))
		s = launch(fmt.Sprintf("%s_%d", kernel, dim), [3]int{blocks(n, 4), 1, 1}, [3]int{128, 1, 1}, 0, args...)
	} else {
		args = append(args, dim, stride(i.Out()), float32(k.Eps), float32(k.Gain))
		s = launch(kernel, [3]int{n, 1, 1}, [3]int{256, 1, 1}, 0, args...)
	}
	s.overlap = onHopper
	return s
}
