package cuda

import (
	"fmt"
	"math"

	"cradio/graph"
)

func init() {
	how := implement(lowerAttention)
	how.forms = attentionForms
	implement(lowerCrossAttention)
}

// headDims are the head dims that attention with matrix instructions is compiled for; smaller ones
// take the next.
var headDims = []int{32, 64, 80, 96, 128}

// mostHeadDim is that of both kernels.
const mostHeadDim = 128

// attentionForms: copies to shared memory move 8 columns at a time. Causal attention, of the short
// texts of text towers, is in float32.
func attentionForms(i *graph.Instruction) (f graph.Forms) {
	k := i.Operation().(graph.Attention)
	hd := last(i.Out().Shape()) / k.Heads
	if hd%8 != 0 || hd > mostHeadDim || k.Causal {
		return f
	}
	return graph.Forms{Reads: []graph.Form{BF16}, Writes: []graph.Form{BF16}}
}

func lowerAttention(d *Device, k graph.Attention, i *graph.Instruction) step {
	qkv, y := i.In()[0], i.Out()
	batch, tokens, hd := y.Shape()[0], y.Shape()[1], y.Shape()[2]/k.Heads
	if hd > mostHeadDim {
		return tooWide(k, hd)
	}
	if s, ok := d.tf32Attention(k, i); ok {
		return s
	}
	if qkv.Form() != BF16 {
		dim := k.Heads * hd
		return attend(i, qkv, qkv, attending{
			batch: batch, queries: tokens, tokens: tokens, heads: k.Heads, hd: hd,
			ldq: 3 * dim, ldkv: 3 * dim, keys: dim, values: 2 * dim, perBatch: tokens * 3 * dim, causal: k.Causal,
		})
	}
	if s, ok := d.hopperAttention(k, i); ok {
		return s
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
	args = append(args, qkv, tokens, k.Heads, hd, stride(qkv), stride(y), float32(math.Log2E/math.Sqrt(float64(hd))))
	return launch(fmt.Sprintf("attention_%d", room), [3]int{blocks(tokens, queries), k.Heads, batch}, [3]int{128, 1, 1}, tiles*queries*room*2, args...)
}

// attending are the sizes of attention in float32: attention.60.cu.
type attending struct {
	batch, queries, tokens, heads, hd int
	ldq, ldkv, keys, values, perBatch int
	causal                            bool
}

func attend(i *graph.Instruction, q, kv any, a attending) step {
	return launch("attention_f32", [3]int{blocks(a.queries, 32), a.heads, a.batch}, [3]int{128, 1, 1}, 0,
		i.Out(), q, kv, int64(a.perBatch), a.ldq, a.ldkv, a.keys, a.values, a.queries, a.tokens, a.heads, a.hd, a.causal, attentionScale(a.hd))
}

// attentionScale is that of q·kᵀ.
func attentionScale(hd int) float32 { return float32(1 / math.Sqrt(float64(hd))) }

func tooWide(k graph.Operation, hd int) step {
	return step{err: fmt.Errorf("%v: a head is %d wide, want at most %d on device %s", k, hd, mostHeadDim, name)}
}

func lowerCrossAttention(_ *Device, k graph.CrossAttention, i *graph.Instruction) step {
	a := crossing(i, k.Heads)
	if a.hd > mostHeadDim {
		return tooWide(k, a.hd)
	}
	return attend(i, input(i, 0), input(i, 1), a)
}

// crossing are the sizes of cross attention of q (B, Q, D), or (1, Q, D), and kv (B, T, 2D).
func crossing(i *graph.Instruction, heads int) attending {
	q, kv := i.Shapes()[0], i.Shapes()[1]
	dim := q[2]
	a := attending{batch: kv[0], queries: q[1], tokens: kv[1], heads: heads, hd: dim / heads, ldq: dim, ldkv: 2 * dim, values: dim}
	if q[0] > 1 {
		a.perBatch = q[1] * dim
	}
	return a
}
