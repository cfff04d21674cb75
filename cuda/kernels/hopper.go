package kernels

import "fmt"

// HopperTile is a tile of outputs of a Linear on Hopper: linear.90a.cu.
type HopperTile struct {
	Rows, Columns int
	Groups        int  // of consumers, of 128 threads
	Stages        int  // pieces of 64 columns of the operands in shared memory
	Turns         bool // groups take turns at tiles
	PerProcessor  int  // blocks that a multiprocessor has room for
}

// HopperTiles lists them, with the endings of the kernels that there are of each.
var HopperTiles = []struct {
	HopperTile
	Outputs []string
}{
	{HopperTile{128, 192, 2, 4, true, 1}, []string{"bf16", "bf16_gelu"}},
	{HopperTile{128, 128, 2, 6, true, 1}, []string{"f32"}},
	{HopperTile{128, 64, 2, 8, false, 1}, []string{"bf16", "bf16_gelu", "f32"}},
	{HopperTile{64, 64, 1, 6, false, 2}, []string{"f32"}},
}

// Kernel is the name of a kernel with an ending of Outputs.
func (t HopperTile) Kernel(output string) string {
	return fmt.Sprintf("hopper_%dx%d_%s", t.Rows, t.Columns, output)
}

// Threads of a block: one group more fetches.
func (t HopperTile) Threads() int { return 128 * (t.Groups + 1) }

// Shared is the dynamic shared memory of a block, in bytes.
func (t HopperTile) Shared() int {
	const chunks = 4 * 2 * 2048 // of a group's results
	columns := 2 * 4 * t.Columns
	if t.Turns {
		columns *= t.Groups
	}
	return t.Stages*(128*(t.Rows+t.Columns)+2*8) + t.Groups*chunks + columns
}

// Steps is how many pieces of 64 columns of the operands a Linear of so many columns has.
func Steps(depth int) int { return (depth + 63) / 64 }

// HopperAttention is a kernel of attention.90a.cu.
type HopperAttention struct {
	HeadDim      int
	Groups       int // of consumers, of 128 threads and 64 queries
	PerProcessor int // blocks that a multiprocessor has room for
}

// HopperAttentions lists them.
var HopperAttentions = []HopperAttention{{64, 2, 1}, {64, 1, 2}, {80, 2, 1}}

// Kernel is its name.
func (a HopperAttention) Kernel() string {
	if a.Groups == 1 {
		return fmt.Sprintf("hopper_attention_%d_small", a.HeadDim)
	}
	return fmt.Sprintf("hopper_attention_%d", a.HeadDim)
}

// Queries of a block.
func (a HopperAttention) Queries() int { return 64 * a.Groups }

// Threads of a block: one group more fetches.
func (a HopperAttention) Threads() int { return 128 * (a.Groups + 1) }

// Shared is the dynamic shared memory of a block, in bytes.
func (a HopperAttention) Shared() int {
	const stages, keys, barriers = 2, 128, 12
	row := (a.HeadDim + 63) / 64 * 128
	return 2*stages*keys*row + 2*a.Queries()*row + 8*barriers
}
