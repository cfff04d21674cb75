package machine

import (
	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// Operations of heads on the features.

func bindCrossAttention[T cpu.Float](k graph.CrossAttention, a *operands) runner {
	op := crossAttention[T](a, k.Heads)
	op.Y = out[T](a)
	return &op
}

func bindCrossAttentionGradQ[T cpu.Float](k graph.CrossAttentionGradQ, a *operands) runner {
	return &cpu.CrossAttentionGradQ[T]{CrossAttention: crossAttention[T](a, k.Heads), DQ: out[T](a), DY: in[T](a, 2)}
}

func bindCrossAttentionGradKV[T cpu.Float](k graph.CrossAttentionGradKV, a *operands) runner {
	return &cpu.CrossAttentionGradKV[T]{CrossAttention: crossAttention[T](a, k.Heads), DKV: out[T](a), DY: in[T](a, 2)}
}

func crossAttention[T cpu.Float](a *operands, heads int) cpu.CrossAttention[T] {
	q, kv := a.shapes[0], a.shapes[1]
	return cpu.CrossAttention[T]{
		Q: in[T](a, 0), KV: in[T](a, 1), Scratch: scratch[T](a),
		Batch: kv[0], Queries: q[1], Tokens: kv[1], Dim: q[2], Heads: heads, Shared: q[0] == 1,
	}
}

func crossAttentionScratch[O graph.Operation](_ O, in []tensor.Shape, threads int) int {
	return cpu.CrossAttentionScratch(threads, in[1][1])
}

func bindJoin[T cpu.Float](_ graph.Join, a *operands) runner {
	op := &cpu.Join[T]{Y: out[T](a), Rows: rows(a.shapes[0])}
	for i, s := range a.shapes {
		op.X, op.Widths = append(op.X, in[T](a, i)), append(op.Widths, s[len(s)-1])
	}
	return op
}

func bindColumns[T cpu.Float](k graph.Columns, a *operands) runner {
	s := a.shapes[0]
	return &cpu.Columns[T]{Y: out[T](a), X: in[T](a, 0), Rows: rows(s), Dim: s[len(s)-1], From: k.From, To: k.To}
}

func bindColumnsGrad[T cpu.Float](k graph.ColumnsGrad, a *operands) runner {
	s := a.shapes[0]
	return &cpu.Columns[T]{
		Y: in[T](a, 0), X: out[T](a), Rows: rows(s), Dim: k.Of, From: k.From, To: k.From + s[len(s)-1], Inverse: true,
	}
}

func bindMeanTokens[T cpu.Float](_ graph.MeanTokens, a *operands) runner {
	s := a.shapes[0]
	return &cpu.MeanTokens[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], Tokens: s[1], Dim: s[2]}
}

func bindRepeatTokens[T cpu.Float](k graph.RepeatTokens, a *operands) runner {
	s := a.shapes[0]
	op := &cpu.RepeatTokens[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], Tokens: k.Tokens, Dim: s[1], Divisor: 1}
	if k.Mean {
		op.Divisor = float64(k.Tokens)
	}
	return op
}

func bindNeighbours[T cpu.Float](k graph.Neighbours, a *operands) runner {
	s := a.shapes[0]
	return &cpu.Neighbours[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], H: k.H, W: k.W, Channels: s[2]}
}

func bindNeighboursGrad[T cpu.Float](k graph.NeighboursGrad, a *operands) runner {
	s := a.shapes[0]
	return &cpu.NeighboursGrad[T]{DX: out[T](a), DY: in[T](a, 0), Batch: s[0], H: k.H, W: k.W, Channels: s[2] / 9}
}

func bindDepth[T cpu.Float](k graph.Depth, a *operands) runner {
	op := depth[T](k, a)
	op.Y = out[T](a)
	return &op
}

func bindDepthGrad[T cpu.Float](k graph.DepthGrad, a *operands) runner {
	return &cpu.DepthGrad[T]{Depth: depth[T](k.Depth, a), DX: out[T](a), DY: in[T](a, 1)}
}

var depthWeights = map[graph.DepthWeights]cpu.DepthWeights{
	graph.LinearWeights: cpu.LinearWeights, graph.SigmoidWeights: cpu.SigmoidWeights, graph.SoftmaxWeights: cpu.SoftmaxWeights,
}

func depth[T cpu.Float](k graph.Depth, a *operands) cpu.Depth[T] {
	s := a.shapes[0]
	return cpu.Depth[T]{
		X: in[T](a, 0), Rows: rows(s), Depths: cpu.Depths(s[len(s)-1], k.Low, k.High, k.Log), Weights: depthWeights[k.Weights],
	}
}

func bindFoldNormWeight[T cpu.Float](k graph.FoldNormWeight, a *operands) runner {
	s := a.shapes[0]
	op := &cpu.FoldNorm[T]{OutWeight: out[T](a), W: in[T](a, 0), Var: in[T](a, 1), Out: s[0], C: s[1], Eps: k.Eps}
	if k.Affine {
		op.Scale = in[T](a, 2)
	}
	return op
}

func bindFoldNormBias[T cpu.Float](k graph.FoldNormBias, a *operands) runner {
	s := a.shapes[0]
	op := &cpu.FoldNorm[T]{OutBias: out[T](a), W: in[T](a, 0), Mean: in[T](a, 1), Var: in[T](a, 2), Out: s[0], C: s[1], Eps: k.Eps}
	if k.Affine {
		op.Scale, op.Shift = in[T](a, 3), in[T](a, 4)
	}
	if k.Bias {
		op.Bias = in[T](a, len(a.shapes)-1)
	}
	return op
}
