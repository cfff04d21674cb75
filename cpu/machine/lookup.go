package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindLookup[T cpu.Float](_ graph.Lookup, a *operands) runner {
	return &cpu.Lookup[T]{Y: out[T](a), Table: in[T](a, 0), IDs: in[T](a, 1), Rows: rows(a.shapes[0]), Dim: last(a.shapes[0])}
}

func bindLookupGrad[T cpu.Float](k graph.LookupGrad, a *operands) runner {
	return &cpu.LookupGrad[T]{DTable: out[T](a), IDs: in[T](a, 0), DY: in[T](a, 1), Rows: rows(k.Table), Dim: last(k.Table)}
}
