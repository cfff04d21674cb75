package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindNormalize[T cpu.Float](_ graph.Normalize, a *operands) runner {
	s := a.shapes[0]
	return &cpu.Normalize[T]{
		Y: out[T](a), X: in[T](a, 0), Mean: in[T](a, 1), Std: in[T](a, 2),
		Batch: s[0], Channels: s[1], Plane: s[2] * s[3],
	}
}

func bindNormalizeGrad[T cpu.Float](_ graph.NormalizeGrad, a *operands) runner {
	s := a.shapes[0]
	return &cpu.NormalizeGrad[T]{
		DX: out[T](a), DY: in[T](a, 0), Std: in[T](a, 1),
		Batch: s[0], Channels: s[1], Plane: s[2] * s[3],
	}
}

func bindPatches[T cpu.Float](k graph.Patches, a *operands) runner { return patches[T](k, a) }

func patches[T cpu.Float](k graph.Patches, a *operands) *cpu.Patches[T] {
	s := a.shapes[0]
	op := &cpu.Patches[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], Channels: s[1], H: s[2], W: s[3], Size: k.Size}
	if k.Normalize {
		op.Mean, op.Std = in[T](a, 1), in[T](a, 2)
	}
	return op
}

func bindUnpatch[T cpu.Float](k graph.Unpatch, a *operands) runner {
	s := k.Image
	return &cpu.Patches[T]{
		Y: in[T](a, 0), X: out[T](a), Inverse: true,
		Batch: s[0], Channels: s[1], H: s[2], W: s[3], Size: k.Size,
	}
}

func bindToNCHW[T cpu.Float](_ graph.ToNCHW, a *operands) runner {
	s := a.shapes[0]
	return &cpu.Transpose[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], Rows: s[1], Cols: s[2]}
}

func bindFromNCHW[T cpu.Float](_ graph.FromNCHW, a *operands) runner {
	s := a.shapes[0]
	return &cpu.Transpose[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], Rows: s[1], Cols: s[2] * s[3]}
}

func reducedPatches(k graph.Patches, a *operands) runner {
	op := patches[float32](k, a)
	op.LowY = a.reducedOut
	return op
}
