package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindResizeTable[T cpu.Float](k graph.ResizeTable, a *operands) runner {
	t := k.Table
	return &cpu.ResizeTable[T]{
		Y: out[T](a), X: in[T](a, 0), Grid: t.Grid, Square: t.Square, H: t.H, W: t.W,
		Dim: last(a.shapes[0]), AlignCorners: t.AlignCorners,
	}
}

func bindResizeTableGrad[T cpu.Float](k graph.ResizeTableGrad, a *operands) runner {
	t := k.Table
	return &cpu.ResizeTableGrad[T]{
		DX: out[T](a), DY: in[T](a, 0), Grid: t.Grid, Square: t.Square, H: t.H, W: t.W,
		Dim: last(a.shapes[0]), AlignCorners: t.AlignCorners,
	}
}
