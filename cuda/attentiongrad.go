package cuda

import "cradio/graph"

// Derivatives of attention, by way of four numbers for each row of scores: attentiongrad.60.cu.
func init() {
	implementAll(lowerAttentionGrad).scratch = func(_ *Device, i *graph.Instruction) int {
		s := i.Shapes()[0]
		return 4 * s[0] * s[1] * i.Operation().(graph.AttentionGrad).Heads
	}
	implementAll(func(_ *Device, k graph.CrossAttentionGradQ, i *graph.Instruction) []step {
		return lowerCrossAttentionGrad(k, k.Heads, i, true)
	}).scratch = func(_ *Device, i *graph.Instruction) int {
		return crossRows(i, i.Operation().(graph.CrossAttentionGradQ).Heads)
	}
	implementAll(func(_ *Device, k graph.CrossAttentionGradKV, i *graph.Instruction) []step {
		return lowerCrossAttentionGrad(k, k.Heads, i, false)
	}).scratch = func(_ *Device, i *graph.Instruction) int {
		return crossRows(i, i.Operation().(graph.CrossAttentionGradKV).Heads)
	}
}

// crossRows is the memory for the rows of scores.
func crossRows(i *graph.Instruction, heads int) int {
	q, kv := i.Shapes()[0], i.Shapes()[1]
	return 4 * kv[0] * q[1] * heads
}

// gradRows is how many rows of queries, or keys, a block has.
const gradRows = 16

func (a attending) grad(kernel string, rows, batch int, args ...any) step {
	return launch(kernel, [3]int{blocks(rows, gradRows), a.heads, batch}, [3]int{128, 1, 1}, 0, append(args,
		int64(a.perBatch), a.ldq, a.ldkv, a.keys, a.values, a.queries, a.tokens, a.heads, a.hd, a.causal, attentionScale(a.hd))...)
}

// rowsOf makes the numbers of the rows of scores.
func (a attending) rowsOf(i *graph.Instruction, q, kv, dy any) step {
	return a.grad("attention_grad_rows_f32", a.queries, a.batch, i.Scratch(), q, kv, dy)
}

func lowerAttentionGrad(_ *Device, k graph.AttentionGrad, i *graph.Instruction) []step {
	s := i.Shapes()[0]
	dim := s[2] / 3
	a := attending{
		batch: s[0], queries: s[1], tokens: s[1], heads: k.Heads, hd: dim / k.Heads,
		ldq: 3 * dim, ldkv: 3 * dim, keys: dim, values: 2 * dim, perBatch: s[1] * 3 * dim, causal: k.Causal,
	}
	if a.hd > mostHeadDim {
		return []step{tooWide(k, a.hd)}
	}
	qkv, dy := input(i, 0), input(i, 1)
	return []step{
		a.rowsOf(i, qkv, qkv, dy),
		a.grad("attention_grad_q_f32", a.queries, a.batch, i.Out(), qkv, qkv, dy, i.Scratch(), 1),
		a.grad("attention_grad_kv_f32", a.tokens, a.batch, i.Out(), qkv, qkv, dy, i.Scratch()),
	}
}

// lowerCrossAttentionGrad is towards the queries, or else the keys and values.
func lowerCrossAttentionGrad(k graph.Operation, heads int, i *graph.Instruction, queries bool) []step {
	a := crossing(i, heads)
	if a.hd > mostHeadDim {
		return []step{tooWide(k, a.hd)}
	}
	q, kv, dy := input(i, 0), input(i, 1), input(i, 2)
	steps := []step{a.rowsOf(i, q, kv, dy)}
	if !queries {
		return append(steps, a.grad("attention_grad_kv_f32", a.tokens, a.batch, i.Out(), q, kv, dy, i.Scratch()))
	}
	blocks, batches := a.batch, 1
	if a.perBatch == 0 { // all have the same: a block adds up
		blocks, batches = 1, a.batch
	}
	return append(steps, a.grad("attention_grad_q_f32", a.queries, blocks, i.Out(), q, kv, dy, i.Scratch(), batches))
}
