package machine

import (
	"math"

	"cradio/cpu"
	"cradio/graph"
)

var binaryOps = map[graph.BinaryOp]cpu.BinaryOp{graph.Add: cpu.Add, graph.Sub: cpu.Sub, graph.Mul: cpu.Mul}

func bindBinary[T cpu.Float](k graph.Binary, a *operands) runner {
	return &cpu.Binary[T]{Y: out[T](a), A: in[T](a, 0), B: in[T](a, 1), Op: binaryOps[k.Op]}
}

func bindScale[T cpu.Float](k graph.Scale, a *operands) runner {
	return &cpu.Scale[T]{Y: out[T](a), X: in[T](a, 0), Factor: k.Factor}
}

func bindSumRows[T cpu.Float](k graph.SumRows, a *operands) runner {
	n, limit := k.To.TotalSize(), a.small
	if k.Exact {
		limit = math.MaxInt
	}
	return &cpu.SumRows[T]{Y: out[T](a), X: in[T](a, 0), Rows: a.shapes[0].TotalSize() / n, Dim: n, Small: limit}
}

func bindSumRowsMul[T cpu.Float](k graph.SumRowsMul, a *operands) runner {
	n := k.To.TotalSize()
	return &cpu.SumRowsMul[T]{
		Y: out[T](a), A: in[T](a, 0), B: in[T](a, 1), Rows: a.shapes[0].TotalSize() / n, Dim: n, Small: a.small,
	}
}

// first says that the output may take the memory of the first input.
func first[O graph.Operation](O) int { return 0 }
