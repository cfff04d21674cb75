package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindGather[T cpu.Float](k graph.Gather, a *operands) runner {
	return &cpu.Gather[T]{
		Y: out[T](a), X: in[T](a, 0), Index: k.Index, Batch: k.Batch,
		InRows: k.InRows, OutRows: len(k.Index), Dim: k.Out.TotalSize() / (k.Batch * len(k.Index)),
	}
}

func bindScatter[T cpu.Float](k graph.Scatter, a *operands) runner {
	return &cpu.Scatter[T]{
		DX: out[T](a), DY: in[T](a, 0), Index: k.Index, Batch: k.Batch,
		InRows: k.InRows, OutRows: len(k.Index), Dim: k.Out.TotalSize() / (k.Batch * k.InRows),
	}
}
