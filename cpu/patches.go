package cpu

// Patches gathers square patches: 'b c (py yy) (px xx) -> b (py px) (c yy xx)'.
// Inverse goes the other way, reading Y and writing X: it is also the gradient.
type Patches[T Float] struct {
	Y                           []T // (Batch, H/Size·W/Size, Channels·Size·Size)
	X                           []T // (Batch, Channels, H, W)
	Batch, Channels, H, W, Size int
	Inverse                     bool
}

// Check reports fields that contradict one another.
func (op *Patches[T]) Check() error {
	c := checking("Patches")
	c.least("Size", op.Size, 1)
	if c.err == nil && (op.H%op.Size != 0 || op.W%op.Size != 0) {
		c.fail("the image is %d×%d, want multiples of Size = %d", op.H, op.W, op.Size)
	}
	c.length("X", len(op.X), op.Batch, op.Channels, op.H, op.W)
	c.length("Y", len(op.Y), op.Batch, op.Channels, op.H, op.W)
	return c.err
}

// Run computes Y, or X if Inverse.
func (op *Patches[T]) Run(p *Pool) { p.Run(op.Batch*(op.H/op.Size), op) }

// Do moves one row of patches.
func (op *Patches[T]) Do(_, i int) {
	s, nx := op.Size, op.W/op.Size
	ny := op.H / s
	b, py := i/ny, i%ny
	y := op.Y[i*nx*op.Channels*s*s:]
	for px := range nx {
		for c := range op.Channels {
			for yy := range s {
				x := op.X[((b*op.Channels+c)*op.H+py*s+yy)*op.W+px*s:][:s]
				if op.Inverse {
					copy(x, y[:s])
				} else {
					copy(y[:s], x)
				}
				y = y[s:]
			}
		}
	}
}
