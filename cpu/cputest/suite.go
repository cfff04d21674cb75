package cputest

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"testing"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// Run runs the whole suite on pools of a level, which newPool makes of so many threads: as
// it is, and with small operations computed as large ones are. In float64 it runs only on
// the plain level, since the others are for float32.
func Run(t *testing.T, level cpu.Level, newPool func(threads int) *cpu.Pool) {
	top := &test{T: t, level: level}
	for i, n := range [...]int{1, 2, 3, most} {
		top.pools[i] = newPool(n)
		defer top.pools[i].Close()
	}
	if level == cpu.Plain {
		suite(top, kernels[:], true)
		return
	}
	top.Run("large", func(t *test) { suite(t, kernels[:], false) })
	top.small = cpu.SmallDefault
	top.Run("small", func(t *test) { suite(t, kernels[:levelled], false) })
}

// test is a test of operations on some pools of one level.
type test struct {
	*testing.T
	level cpu.Level
	pools [4]*cpu.Pool
	small int // the limit of small operations
}

// most is the number of threads of the largest pool.
const most = 7

// Run runs a part of a test.
func (t *test) Run(name string, f func(*test)) {
	t.T.Run(name, func(sub *testing.T) { f(&test{sub, t.level, t.pools, t.small}) })
}

type kernel struct {
	name     string
	f32, f64 func(*test)
}

// levelled is how many of the tests are of what the levels differ in.
const levelled = 30

var kernels = [...]kernel{
	{"Linear", linear[float32], linear[float64]},
	{"LinearPrecision", linearPrecision, nil},
	{"LinearBlocks", linearBlocks, nil},
	{"LinearPictures", linearPictures, nil},
	{"LinearPicturesPrecision", linearPicturesPrecision, nil},
	{"LinearPicturesNonFinite", linearPicturesNonFinite, nil},
	{"LinearNonFinite", linearNonFinite[float32], linearNonFinite[float64]},
	{"MatMul", matMul[float32], matMul[float64]},
	{"MatMulLarge", matMulLarge, nil},
	{"MatMulMagnitudes", matMulMagnitudes, nil},
	{"MatMulNonFinite", matMulNonFinite, nil},
	{"MatMulRounded", matMulRounded, nil},
	{"Attention", attention[float32], attention[float64]},
	{"AttentionLarge", attentionLarge[float32], attentionLarge[float64]},
	{"AttentionNonFinite", attentionNonFinite[float32], attentionNonFinite[float64]},
	{"LayerNorm", layerNorm[float32], layerNorm[float64]},
	{"GELU", gelu[float32], gelu[float64]},
	{"SigmoidGELU", sigmoidGELU[float32], sigmoidGELU[float64]},
	{"GELUGrad", geluGrad[float32], geluGrad[float64]},
	{"CausalAttention", causal[float32], causal[float64]},
	{"CausalAttentionGrad", causalGrad[float32], causalGrad[float64]},
	{"AttentionGrad", attentionGrad[float32], attentionGrad[float64]},
	{"AttentionGradLarge", attentionGradLarge[float32], attentionGradLarge[float64]},
	{"AttentionGradNonFinite", attentionGradNonFinite[float32], attentionGradNonFinite[float64]},
	{"LayerNormGrad", layerNormGrad[float32], layerNormGrad[float64]},
	{"LayerNormGradOffset", layerNormGradOffset[float32], layerNormGradOffset[float64]},
	{"LayerNormGradNonFinite", layerNormGradNonFinite[float32], layerNormGradNonFinite[float64]},
	{"CrossEntropy", crossEntropy[float32], crossEntropy[float64]},
	{"ResizedCrossEntropy", resizedCrossEntropy[float32], resizedCrossEntropy[float64]},
	{"OtherLosses", otherLosses[float32], otherLosses[float64]},
	{"NothingCounts", nothingCounts[float32], nothingCounts[float64]},
	{"Sums", sums[float32], sums[float64]},
	{"SumsNonFinite", sumsNonFinite[float32], sumsNonFinite[float64]},

	{"LinearProbe", linearProbe, nil},
	{"Scan", scan, nil},
	{"Convert", convert, nil},
	{"ConvertNonFinite", convertNonFinite, nil},
	{"LowPrecisionLayerNorm", lowPrecisionLayerNorm, nil},
	{"LowPrecisionLinear", lowPrecisionLinear, nil},
	{"LowPrecisionLinearDeep", lowPrecisionLinearDeep, nil},
	{"LowPrecisionLinearNonFinite", lowPrecisionLinearNonFinite, nil},
	{"LowPrecisionLinearDenormal", lowPrecisionLinearDenormal, nil},
	{"LowPrecisionLinearGELU", lowPrecisionLinearGELU, nil},
	{"LowPrecisionLinearImages", lowPrecisionLinearImages, nil},
	{"LowPrecisionLinearImagesExtremes", lowPrecisionLinearImagesExtremes, nil},
	{"LowPrecisionLinearImagesNonFinite", lowPrecisionLinearImagesNonFinite, nil},
	{"LowPrecisionAttention", lowPrecisionAttention, nil},
	{"LowPrecisionCausalAttention", lowPrecisionCausal, nil},
	{"LowPrecisionAttentionExtremes", lowPrecisionAttentionExtremes, nil},
	{"LowPrecisionAttentionNonFinite", lowPrecisionAttentionNonFinite, nil},
	{"AttentionWeights", attentionWeights[float32], attentionWeights[float64]},
	{"ReLU", relu[float32], relu[float64]},
	{"Binary", binary[float32], binary[float64]},
	{"Scale", scale[float32], scale[float64]},
	{"AdamW", adamW[float32], adamW[float64]},
	{"SGD", sgd[float32], sgd[float64]},
	{"Averages", averages[float32], averages[float64]},
	{"Norms", norms[float32], norms[float64]},
	{"Cast", cast[float64, float32], cast[float32, float64]},
	{"Normalize", normalize[float32], normalize[float64]},
	{"Patches", patches[float32], patches[float64]},
	{"LowPrecisionPatches", lowPrecisionPatches, nil},
	{"ResizeTable", resizeTable[float32], resizeTable[float64]},
	{"Gather", gather[float32], gather[float64]},
	{"Transpose", transpose[float32], transpose[float64]},
	{"Concat", concat[float32], concat[float64]},
	{"FirstNonFinite", firstNonFinite[float32], firstNonFinite[float64]},
}

func suite(t *test, kernels []kernel, float64s bool) {
	for _, c := range kernels {
		t.Run(c.name, func(t *test) {
			t.Run("float32", c.f32)
			if c.f64 != nil && float64s {
				t.Run("float64", c.f64)
			}
		})
	}
}

// Op is what the operations of package cpu have in common.
type Op interface {
	Check() error
	Run(*cpu.Pool)
}

// limit sets the limit of small operations of an op that has one.
func (t *test) limit(op Op) {
	if v := reflect.Indirect(reflect.ValueOf(op)).FieldByName("Small"); v.IsValid() {
		v.SetInt(int64(t.small))
	}
}

// verify runs op on every pool and requires that y is want each time, to within
// so many roundings, with the same bits; and that nothing is allocated. What y
// held before is put back for each run: op may read it.
func verify[T cpu.Float](t *test, op Op, y []T, want []float64, roundings float64) {
	t.Helper()
	t.limit(op)
	require.NoError(t, op.Check())
	before := append([]T(nil), y...)
	var first []T
	for _, p := range t.pools {
		copy(y, before)
		op.Run(p)
		if first == nil {
			first = append(first, y...)
			near(t, y, want, roundings)
			continue
		}
		sameBits(t, first, y, fmt.Sprintf("%d threads against one", p.Threads()))
	}
	copy(y, before)
	require.Zero(t, testing.AllocsPerRun(2, func() { op.Run(t.pools[1]) }), "allocations per run")
}

// near requires that got is want to within so many roundings of T: for the root
// mean square of the errors, and eightfold for each. An error is relative to its
// element, or to the root mean square of want if that is larger. 0 means
// exactly; in float64 it allows more, because want has roundings of its own.
// Where want is NaN or infinite, got must be the same.
func near[T cpu.Float](t *test, got []T, want []float64, roundings float64) {
	t.Helper()
	require.Equal(t, len(want), len(got))
	if roundoff[T]() < 0x1p-30 {
		roundings *= 16
	}
	var sum float64
	n := 0
	for _, w := range want {
		if !math.IsNaN(w) && !math.IsInf(w, 0) {
			sum += w * w
			n++
		}
	}
	rms := math.Sqrt(sum / float64(max(n, 1)))
	var errs, worst float64
	at := 0
	for i, w := range want {
		g := float64(got[i])
		if math.IsNaN(w) || math.IsInf(w, 0) {
			require.True(t, g == w || math.IsNaN(g) && math.IsNaN(w), "element %d is %v, want %v", i, g, w)
			continue
		}
		if g == w {
			continue
		}
		e := math.Abs(g-w) / max(math.Abs(w), rms) / roundoff[T]()
		require.False(t, math.IsNaN(e), "element %d is %v, want %v", i, g, w)
		errs += e * e
		if e > worst {
			worst, at = e, i
		}
	}
	if e := math.Sqrt(errs / float64(max(n, 1))); e > roundings {
		require.Failf(t, "too far off", "root mean square error %.2f roundings, want at most %v", e, roundings)
	}
	if worst > 8*roundings {
		require.Failf(t, "too far off", "element %d is %v, want %v: %.1f roundings", at, got[at], want[at], worst)
	}
}

// roundoff is half the distance from 1 to the next larger T.
func roundoff[T cpu.Float]() float64 {
	if one := T(1); one+T(0x1p-30) == one {
		return 0x1p-24
	}
	return 0x1p-53
}

// sameBits requires that two ways to compute one thing agree in every bit.
func sameBits[T cpu.Float](t *test, want, got []T, ways string) {
	t.Helper()
	for i := range want {
		a, b := float64(want[i]), float64(got[i])
		if math.Float64bits(a) != math.Float64bits(b) && !(a != a && b != b) {
			require.Failf(t, "results differ", "%s: element %d is %v, want %v", ways, i, b, a)
		}
	}
}

func name(sizes ...int) string {
	s := ""
	for i, n := range sizes {
		if i > 0 {
			s += "x"
		}
		s += strconv.Itoa(n)
	}
	return s
}
