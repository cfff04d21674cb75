package cpu

// Concat puts the rows of A before those of B, batch by batch: prefix tokens
// before patches. BroadcastA gives every batch the same A.
type Concat[T Float] struct {
	Y                        []T // (Batch, ARows+BRows, Dim)
	A                        []T // (Batch, ARows, Dim), or (ARows, Dim) if BroadcastA
	B                        []T // (Batch, BRows, Dim)
	Batch, ARows, BRows, Dim int
	BroadcastA               bool
}

// Check reports fields that contradict one another.
func (op *Concat[T]) Check() error {
	c := checking("Concat")
	if op.BroadcastA {
		c.length("A", len(op.A), op.ARows, op.Dim)
	} else {
		c.length("A", len(op.A), op.Batch, op.ARows, op.Dim)
	}
	c.length("B", len(op.B), op.Batch, op.BRows, op.Dim)
	c.length("Y", len(op.Y), op.Batch, op.ARows+op.BRows, op.Dim)
	return c.err
}

// Run computes Y.
func (op *Concat[T]) Run(p *Pool) { p.Run(op.Batch, op) }

// Do computes one batch.
func (op *Concat[T]) Do(_, b int) {
	na, nb := op.ARows*op.Dim, op.BRows*op.Dim
	a := op.A
	if !op.BroadcastA {
		a = a[b*na:]
	}
	y := op.Y[b*(na+nb):]
	copy(y[:na], a)
	copy(y[na:na+nb], op.B[b*nb:])
}
