//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

import (
	"fmt"
	"math"
	"unsafe"

	"cradio/cuda"
)

// params are the parameters of a launch: pointers to their values.
type params struct {
	pointers []unsafe.Pointer
	sizes    []int
	hasMaps  bool
}

// parameters stores arguments as cu wants them: 8 bytes each, of which a kernel reads the first that it needs;
// and tensor maps.
func parameters(args []any) (p params, err error) {
	values := make([]uint64, len(args))
	for i, a := range args {
		at, size := unsafe.Pointer(&values[i]), 8
		switch a := a.(type) {
		case cuda.Pointer:
			values[i] = uint64(a)
		case int32:
			values[i] = uint64(uint32(a))
		case int64:
			values[i] = uint64(a)
		case float32:
			values[i] = uint64(math.Float32bits(a))
		case float64:
			values[i] = math.Float64bits(a)
		case cuda.TensorMap:
			m, err := encode(a)
			if err != nil {
				return p, fmt.Errorf("argument %d: %w", i, err)
			}
			at, size, p.hasMaps = unsafe.Pointer(&m[0]), len(m), true
		default:
			return p, fmt.Errorf("argument %d is a %T, want a Pointer, TensorMap, int32, int64, float32 or float64", i, a)
		}
		p.pointers, p.sizes = append(p.pointers, at), append(p.sizes, size)
	}
	return p, nil
}
