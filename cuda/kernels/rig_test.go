package kernels_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"cradio/cuda/internal/ptxsim"
	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// rig is a module on a device of its own.
type rig struct {
	testing.TB
	*ptxsim.Device
	module *ptxsim.Module
	// failure, if it is there, gets what is wrong with a launch, in place of the test.
	failure *error
}

func open(t testing.TB, module string) rig {
	t.Helper()
	text, err := kernels.PTX(module)
	require.NoError(t, err)
	return load(t, text)
}

func load(t testing.TB, text string) rig {
	t.Helper()
	m, err := ptxsim.Parse(text)
	require.NoError(t, err)
	d := ptxsim.NewDevice(1 << 28)
	d.Races = true
	return rig{TB: t, Device: d, module: m}
}

// inEachOrder runs f under each order of warps, with copies as late as they may come, and at once.
func (r rig) inEachOrder(f func()) {
	for _, order := range []ptxsim.Order{ptxsim.FirstFirst, ptxsim.LastFirst, ptxsim.Interleaved} {
		for _, immediate := range []bool{false, true} {
			r.Order, r.Immediate = order, immediate
			f()
		}
	}
	r.Order, r.Immediate = ptxsim.FirstFirst, false
}

// run launches a kernel. An argument that is a []float32 becomes memory on the device; nil is a
// null pointer, an int is 32 bits.
func (r rig) run(kernel string, grid, block [3]int, shared int, args ...any) {
	r.Helper()
	r.launch(kernel, ptxsim.Launch{Grid: grid, Block: block, Shared: shared, Args: args})
}

// overlap is run of a kernel that may begin before the launch before it has ended.
func (r rig) overlap(kernel string, grid, block [3]int, shared int, args ...any) {
	r.Helper()
	r.launch(kernel, ptxsim.Launch{Grid: grid, Block: block, Shared: shared, Args: args, Overlap: true})
}

func (r rig) launch(kernel string, l ptxsim.Launch) {
	r.Helper()
	args := l.Args
	k := r.module.Kernels[kernel]
	require.NotNil(r, k, "kernel %s", kernel)
	var own []uint64
	for i, a := range args {
		switch a := a.(type) {
		case nil:
			args[i] = uint64(0)
		case []float32:
			args[i] = uint64(0)
			if a != nil {
				p := r.upload(a)
				own = append(own, p)
				args[i] = p
			}
		case int:
			args[i] = int32(a)
		}
	}
	err := r.Launch(k, l)
	for _, p := range own {
		require.NoError(r, r.Free(p))
	}
	if r.failure == nil {
		require.NoError(r, err)
	} else if err != nil {
		*r.failure = err
	}
}

// alloc is n bytes of memory, NaN, until the end of the test.
func (r rig) alloc(n int) uint64 {
	r.Helper()
	p, err := r.Alloc(max(n, 1))
	require.NoError(r, err)
	return p
}

func (r rig) bytes(p uint64, n int) []byte {
	r.Helper()
	b, err := r.Bytes(p, n)
	require.NoError(r, err)
	return b
}

// upload is a copy of x on the device.
func (r rig) upload(x []float32) uint64 {
	r.Helper()
	p := r.alloc(4 * len(x))
	b := r.bytes(p, 4*len(x))
	for i, v := range x {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
	}
	return p
}

// uploadBF16 is a copy of x (rows, columns) in bfloat16. The padding of rows is NaN.
func (r rig) uploadBF16(x []float32, columns int) uint64 {
	r.Helper()
	rows, stride := len(x)/columns, kernels.Stride(columns)
	p := r.alloc(2 * rows * stride)
	b := r.bytes(p, 2*rows*stride)
	for i, v := range x {
		binary.LittleEndian.PutUint16(b[2*(i/columns*stride+i%columns):], bf16(v))
	}
	return p
}

func (r rig) floats(p uint64, n int) []float32 {
	r.Helper()
	b, x := r.bytes(p, 4*n), make([]float32, n)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x
}

// floatsBF16 is a matrix in bfloat16, without its padding.
func (r rig) floatsBF16(p uint64, rows, columns int) []float32 {
	r.Helper()
	stride := kernels.Stride(columns)
	b, x := r.bytes(p, 2*rows*stride), make([]float32, rows*columns)
	for i := range x {
		x[i] = fromBF16(binary.LittleEndian.Uint16(b[2*(i/columns*stride+i%columns):]))
	}
	return x
}

// bf16 rounds to the nearest bfloat16, of two the even one.
func bf16(x float32) uint16 {
	if x != x {
		return 0x7fff
	}
	b := math.Float32bits(x)
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

func fromBF16(x uint16) float32 { return math.Float32frombits(uint32(x) << 16) }

// rounded is x in bfloat16.
func rounded(x []float32) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = fromBF16(bf16(v))
	}
	return y
}

// normal is n normal values.
func normal(seed uint64, n int, deviation float64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 3))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64() * deviation)
	}
	return x
}

var nonFinite = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}

// roundoff is half the distance from 1 to the next float32, in float32.
const roundoff = 0x1p-24

// near requires what cpu/cputest requires of the CPU's kernels: that got is want to within so many
// roundings, in the root mean square, and to eight times as many for each element. An error is
// relative to its element, or to the root mean square of want if that is larger. Where want is not
// finite, got is the same.
func near(t testing.TB, what string, got []float32, want []float64, roundings float64) {
	t.Helper()
	if err := distance(got, want, roundings); err != "" {
		t.Errorf("%s: %s", what, err)
	}
}

func distance(got []float32, want []float64, roundings float64) string {
	if len(got) != len(want) {
		return strconv.Itoa(len(got)) + " elements, want " + strconv.Itoa(len(want))
	}
	var squares, errs float64
	n := 0
	for _, w := range want {
		if finite(w) {
			squares += w * w
			n++
		}
	}
	rms := math.Sqrt(squares / float64(max(n, 1)))
	for i, w := range want {
		g := float64(got[i])
		if g == w || g != g && w != w {
			continue
		}
		e := math.Abs(g-w) / max(math.Abs(w), rms) / roundoff
		if !(e <= 8*roundings) {
			return join("element", i, "of", len(want), "is", g, "want", w, "at", e, "roundings of", 8*roundings)
		}
		errs += e * e
	}
	if e := math.Sqrt(errs / float64(max(n, 1))); !(e <= roundings) {
		return join("the root mean square error is", e, "roundings, want at most", roundings)
	}
	return ""
}

func join(words ...any) string {
	var list []string
	for _, w := range words {
		switch w := w.(type) {
		case string:
			list = append(list, w)
		case int:
			list = append(list, strconv.Itoa(w))
		case float64:
			list = append(list, strconv.FormatFloat(w, 'g', 6, 64))
		}
	}
	return strings.Join(list, " ")
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// blocks is how many of n it takes.
func blocks(n, of int) int { return max((n+of-1)/of, 1) }
