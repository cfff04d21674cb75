package cuda

import (
	"fmt"
	"math"

	"cradio/graph"
)

func init() {
	how := implement(lowerAttention)
	how.forms = attentionForms
	how.implements = func(op graph.Operation) bool { return !op.(graph.Attention).Causal }
}

// headDims are the head dims that attention with matrix instructions is compiled for; smaller ones
// take the next.
var headDims = []int{32, 64, 80, 96, 128}

// mostHeadDim is that of both kernels.
const mostHeadDim = 128

// attentionForms: copies to shared memory move 8 columns at a time.
func attentionForms(i *graph.Instruction) (f graph.Forms) {
	hd := last(i.Out().Shape()) / i.Operation().(graph.Attention).Heads
	if hd%8 != 0 || hd > mostHeadDim {
		return f
	}
	return graph.Forms{Reads: []graph.Form{BF16}, Writes: []graph.Form{BF16}}
}

func lowerAttention(_ *Device, k graph.Attention, i *graph.Instruction) step {
	qkv, y := i.In()[0], i.Out()
	batch, tokens, hd := y.Shape()[0], y.Shape()[1], y.Shape()[2]/k.Heads
	if hd > mostHeadDim {
		return step{err: fmt.Errorf("%v: a head is %d wide, want at most %d on device %s", k, hd, mostHeadDim, name)}
	}
	scale := 1 / math.Sqrt(float64(hd))
	if qkv.Form() != BF16 {
		return launch("attention_f32", [3]int{blocks(tokens, 32), k.Heads, batch}, [3]int{128, 1, 1}, 0,
			y, qkv, tokens, k.Heads, hd, float32(scale))
	}
	at := 0
	for headDims[at] < hd {
		at++
	}
	room := headDims[at]
	args := []any{y, nil}
	if y.Form() != BF16 {
		args = []any{nil, y}
	}
	const queries, tiles = 64, 5 // of a block, and in shared memory: attention.80.cu
	args = append(args, qkv, tokens, k.Heads, hd, stride(qkv), stride(y), float32(scale*math.Log2E))
	return launch(fmt.Sprintf("attention_%d", room), [3]int{blocks(tokens, queries), k.Heads, batch}, [3]int{128, 1, 1}, tiles*queries*room*2, args...)
}
