package radio

import (
	"fmt"
	"slices"
	"strings"

	"cradio/graph"
)

// AttentionRows asks how much each token counts for some tokens of a block: rows of the
// matrix softmax(q·kᵀ·scale), which is never made as a whole. They take heads×rows×T
// numbers, and about as much time as the block takes for so many tokens.
//
// Tokens are the class tokens, then the registers, then the patches row by row; see
// Config.Prefix. The same tensor is then the tap "blocks.3.attn.weights".
type AttentionRows struct {
	Block int   // from 0; a negative one counts from the end
	Rows  []int // tokens, from 0
}

// resolved has the block counted from 0, and rows of its own.
func (r *AttentionRows) resolved(n *Network) AttentionRows {
	block := r.Block
	if block < 0 {
		block += n.Config.Depth
	}
	return AttentionRows{block, slices.Clone(r.Rows)}
}

func (r *AttentionRows) check(n *Network) error {
	depth := n.Config.Depth
	block := r.resolved(n).Block
	switch {
	case block < 0 || block >= depth:
		return fmt.Errorf("attention: block %d does not exist; the model has %d, 0 to %d or -%d to -1", r.Block, depth, depth-1, depth)
	case len(r.Rows) == 0:
		return fmt.Errorf("attention of block %d: no rows: give at least one token", r.Block)
	case n.windowed(block):
		return fmt.Errorf("attention: block %d sees windows of %d×%d patches in ViTDet mode; choose a global one (%s), or open the model without a window",
			block, n.windows.Size, n.windows.Size, n.globalBlocks())
	}
	return nil
}

// globalBlocks lists the blocks that see the whole image.
func (n *Network) globalBlocks() string {
	var list []string
	for i := range n.Blocks {
		if !n.windowed(i) {
			list = append(list, fmt.Sprint(i))
		}
	}
	return strings.Join(list, ", ")
}

// attention gives the rows of a block that sees the whole image: (B, heads, R, T). r is resolved.
func (n *Network) attention(g *graph.Builder, r AttentionRows, t *tokens) *graph.Node {
	s := g.At("blocks", r.Block, "attn")
	qkv, err := g.Node(s.At("qkv").Path())
	if err != nil {
		g.Fail("%w", err)
		return nil
	}
	if n.windows.period > 0 { // inside, patches go window by window
		qkv = n.windows.Restore(s.At("weights.qkv"), qkv, t.h, t.w)
	}
	return s.At("weights").AttentionWeights(qkv, n.Blocks[r.Block].Attn.Heads, r.Rows)
}
