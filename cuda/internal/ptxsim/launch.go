package ptxsim

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Launch says how a kernel runs.
type Launch struct {
	Grid, Block [3]int
	Shared      int // dynamic shared memory, in bytes
	// Overlap lets the launch begin before the one before it has ended (programmatic dependent launch).
	// Until griddepcontrol.wait, which each block must come to, it must store nothing, and load only what no kernel has stored.
	Overlap bool
	// Args are the parameters: uint64 for pointers, uint32, int32, int64, float32, float64, or
	// []byte for a structure.
	Args []any
}

// The most shared memory of a block on any GPU that the interpreter stands for: sm_90.
const maxShared = 227 << 10

func (l *Launch) threads() int  { return l.Block[0] * l.Block[1] * l.Block[2] }
func (l *Launch) blocks() int64 { return int64(l.Grid[0]) * int64(l.Grid[1]) * int64(l.Grid[2]) }

// index returns the index in the grid of the i-th block.
func (l *Launch) index(i int64) [3]int {
	x, y := int64(l.Grid[0]), int64(l.Grid[1])
	return [3]int{int(i % x), int(i / x % y), int(i / x / y)}
}

// check compares with the limits of a GPU.
func (l *Launch) check(k *Kernel) error {
	for axis, limit := range [3][2]int{{math.MaxInt32, 1024}, {65535, 1024}, {65535, 64}} {
		if l.Grid[axis] < 1 || l.Grid[axis] > limit[0] {
			return fmt.Errorf("the grid is %v, want 1 to %d along axis %d", l.Grid, limit[0], axis)
		}
		if l.Block[axis] < 1 || l.Block[axis] > limit[1] {
			return fmt.Errorf("the block is %v, want 1 to %d along axis %d", l.Block, limit[1], axis)
		}
	}
	most := 1024
	if k.MaxThreads > 0 {
		most = k.MaxThreads
	}
	if l.threads() > most {
		return fmt.Errorf("%d threads in a block, want at most %d", l.threads(), most)
	}
	if n := k.Shared + l.Shared; l.Shared < 0 || n > maxShared {
		return fmt.Errorf("%d bytes of shared memory, want at most %d", n, maxShared)
	}
	return nil
}

// pack lays arguments out as the parameters of a kernel.
func (k *Kernel) pack(args []any) ([]byte, error) {
	if len(args) != len(k.Params) {
		return nil, fmt.Errorf("%d arguments, want %d", len(args), len(k.Params))
	}
	b := make([]byte, k.paramBytes)
	for i, a := range args {
		p := k.Params[i]
		v, err := argument(a)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i, err)
		}
		if len(v) != p.Size {
			return nil, fmt.Errorf("argument %d is a %T of %d bytes, want %d", i, a, len(v), p.Size)
		}
		copy(b[p.Offset:], v)
	}
	return b, nil
}

func argument(a any) ([]byte, error) {
	switch a := a.(type) {
	case uint64:
		return binary.LittleEndian.AppendUint64(nil, a), nil
	case int64:
		return binary.LittleEndian.AppendUint64(nil, uint64(a)), nil
	case uint32:
		return binary.LittleEndian.AppendUint32(nil, a), nil
	case int32:
		return binary.LittleEndian.AppendUint32(nil, uint32(a)), nil
	case float32:
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(a)), nil
	case float64:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(a)), nil
	case []byte:
		return a, nil
	}
	return nil, fmt.Errorf("is a %T, want a number or bytes", a)
}

// knownSpecial reports whether a special register has a value here.
func knownSpecial(name string) bool {
	switch name {
	case "%laneid", "%warpid", dynamicShared:
		return true
	}
	base, axis, ok := strings.Cut(name, ".")
	switch base {
	case "%tid", "%ntid", "%ctaid", "%nctaid":
		return ok && (axis == "x" || axis == "y" || axis == "z")
	}
	return false
}

// special returns the value of a special register for a thread of the block.
func (b *block) special(name string, thread int) uint32 {
	switch name {
	case "%laneid":
		return uint32(thread % 32)
	case "%warpid":
		return uint32(thread / 32)
	case dynamicShared:
		return uint32(b.kernel.Shared)
	}
	base, axis, _ := strings.Cut(name, ".")
	i := int(axis[0] - 'x')
	dim := b.launch.Block
	switch base {
	case "%tid":
		return uint32([3]int{thread % dim[0], thread / dim[0] % dim[1], thread / dim[0] / dim[1]}[i])
	case "%ntid":
		return uint32(dim[i])
	case "%ctaid":
		return uint32(b.id[i])
	}
	return uint32(b.launch.Grid[i])
}
