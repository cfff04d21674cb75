package machine

import (
	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

func attentionScratch(k graph.Attention, in []tensor.Shape, threads int) int {
	return cpu.AttentionScratch(threads, in[0][1], in[0][2]/3, k.Heads)
}

func bindAttention[T cpu.Float](k graph.Attention, a *operands) runner {
	s := a.shapes[0]
	return &cpu.Attention[T]{
		Y: out[T](a), QKV: in[T](a, 0), Scratch: scratch[T](a),
		Batch: s[0], Tokens: s[1], Dim: s[2] / 3, Heads: k.Heads, Causal: k.Causal, Small: a.small,
	}
}

func attentionGradScratch(k graph.AttentionGrad, in []tensor.Shape, threads int) int {
	return cpu.AttentionGradScratch(threads, in[0][1], in[0][2]/3, k.Heads)
}

func bindAttentionGrad[T cpu.Float](k graph.AttentionGrad, a *operands) runner {
	s := a.shapes[0]
	return &cpu.AttentionGrad[T]{
		DQKV: out[T](a), QKV: in[T](a, 0), DY: in[T](a, 1), Scratch: scratch[T](a),
		Batch: s[0], Tokens: s[1], Dim: s[2] / 3, Heads: k.Heads, Causal: k.Causal, Small: a.small,
	}
}

func bindAttentionWeights[T cpu.Float](k graph.AttentionWeights, a *operands) runner {
	s := a.shapes[0]
	return &cpu.AttentionWeights[T]{
		Y: out[T](a), QKV: in[T](a, 0), Rows: k.Rows,
		Batch: s[0], Tokens: s[1], Dim: s[2] / 3, Heads: k.Heads,
	}
}

// reducedAttention reads bfloat16. It needs no scratch: the threads' own memory does.
func reducedAttention(k graph.Attention, a *operands) runner {
	s := a.shapes[0]
	return &cpu.LowPrecisionAttention{
		Y: out[float32](a), LowY: a.reducedOut, QKV: a.reducedIn[0],
		Batch: s[0], Tokens: s[1], Dim: s[2] / 3, Heads: k.Heads, Causal: k.Causal, Small: a.small,
	}
}

func attentionForms(*graph.Instruction, graph.Precision, map[*graph.Value]*graph.Instruction) graph.Forms {
	return graph.Forms{Reads: []graph.Form{BF16}, Writes: []graph.Form{BF16}}
}
