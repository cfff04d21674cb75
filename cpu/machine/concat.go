package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindConcat[T cpu.Float](k graph.Concat, a *operands) runner {
	batch, first, second, dim := k.Sizes(a.shapes)
	op := &cpu.Concat[T]{
		Y: out[T](a), A: in[T](a, 0), B: in[T](a, 1), BroadcastA: k.Broadcast,
		Batch: batch, ARows: first, BRows: second, Dim: dim,
	}
	if k.Sum {
		op.Sum = in[T](a, 2)
	}
	return op
}
