package cuda

import (
	"fmt"
	"slices"

	"cradio/graph"
)

func init() { implement(lowerLayerNorm).forms = writesBF16 }

// normWidths are those of kernels that keep a row in registers.
var normWidths = []int{768, 1024, 1280, 1536}

func lowerLayerNorm(_ *Device, k graph.LayerNorm, i *graph.Instruction) step {
	n, dim := rows(i.Out().Shape()), last(i.Out().Shape())
	kernel := "layernorm_" + form(i.Out())
	args := []any{i.Out(), i.In()[0], input(i, 1), input(i, 2)}
	if slices.Contains(normWidths, dim) {
		args = append(args, n, stride(i.Out()), float32(k.Eps), float32(k.Gain))
		return launch(fmt.Sprintf("%s_%d", kernel, dim), [3]int{blocks(n, 4), 1, 1}, [3]int{128, 1, 1}, 0, args...)
	}
	args = append(args, dim, stride(i.Out()), float32(k.Eps), float32(k.Gain))
	return launch(kernel, [3]int{n, 1, 1}, [3]int{256, 1, 1}, 0, args...)
}
