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

func bilinear(k graph.Resize) cpu.Bilinear {
	return cpu.Bilinear{FromH: k.FromH, FromW: k.FromW, H: k.H, W: k.W}
}

func bindResize[T cpu.Float](k graph.Resize, a *operands) runner {
	s := a.shapes[0]
	return &cpu.Resize[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], Dim: s[2], Bilinear: bilinear(k)}
}

func bindResizeGrad[T cpu.Float](k graph.ResizeGrad, a *operands) runner {
	s := a.shapes[0]
	return &cpu.ResizeGrad[T]{DX: out[T](a), DY: in[T](a, 0), Batch: s[0], Dim: s[2], Bilinear: bilinear(k.Of)}
}
