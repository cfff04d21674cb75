package radio

import (
	"fmt"
	"slices"

	"cradio/graph"
)

// Intermediates asks for the tokens that leave some of the blocks, as RADIO's
// forward_intermediates gives them.
type Intermediates struct {
	// Blocks are indices from 0; a negative one counts from the end. They are
	// sorted, and one given twice counts once. Last, where Blocks is empty,
	// asks for the last so many blocks.
	Blocks []int
	Last   int
	// Dense averages each block with those since the one before it; otherwise
	// each stands alone ("sparse").
	Dense bool
	// Norm applies the model's final norm, where it has one.
	Norm bool
	// Alpha is how the checkpoint's normaliser of intermediates, where it has
	// one, is applied.
	Alpha AlphaScheme
	// Prefix asks for the class and register tokens too.
	Prefix bool
}

// AlphaScheme says where the normaliser's factor of each block goes.
type AlphaScheme string

// The schemes; the empty string is PostAlpha.
const (
	NoAlpha   AlphaScheme = "none"       // no normalisation at all
	PreAlpha  AlphaScheme = "pre-alpha"  // before the mean over blocks
	PostAlpha AlphaScheme = "post-alpha" // the mean factor, after the mean over blocks
)

// resolve gives the block indices, sorted and distinct.
func (r *Intermediates) resolve(depth int) ([]int, error) {
	var list []int
	if len(r.Blocks) == 0 {
		if r.Last < 1 || r.Last > depth {
			return nil, fmt.Errorf("intermediates: the last %d blocks of %d do not exist; give block indices or a number from 1 to %d", r.Last, depth, depth)
		}
		for i := depth - r.Last; i < depth; i++ {
			list = append(list, i)
		}
	}
	for _, i := range r.Blocks {
		at := i
		if i < 0 {
			at += depth
		}
		if at < 0 || at >= depth {
			return nil, fmt.Errorf("intermediates: block %d does not exist; the model has %d, 0 to %d or -%d to -1", i, depth, depth-1, depth)
		}
		list = append(list, at)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

func (r *Intermediates) check(n *Network) error {
	if _, err := r.resolve(n.Config.Depth); err != nil {
		return err
	}
	switch r.Alpha {
	case "", NoAlpha, PreAlpha, PostAlpha:
	default:
		return fmt.Errorf("intermediates: alpha scheme %q, want one of %s, %s, %s", r.Alpha, NoAlpha, PreAlpha, PostAlpha)
	}
	if n.windows.period > 0 {
		return fmt.Errorf("intermediates: not available in ViTDet mode, where blocks see windows; open the model without a window")
	}
	return nil
}

// intermediates gives the tokens (B, T, D) of each asked block.
func (n *Network) intermediates(g *graph.Builder, r *Intermediates, t *tokens) []*graph.Node {
	ends, err := r.resolve(n.Config.Depth)
	if err != nil {
		g.Fail("%w", err)
		return nil
	}
	var all []*graph.Node
	start := 0
	for _, end := range ends {
		s := g.At("intermediate", end)
		if !r.Dense {
			start = end
		}
		x := n.aggregate(s, r, t, start, end)
		if r.Norm && n.Norm != nil {
			x = n.Norm.Forward(s, x)
		}
		all = append(all, s.Tap(x))
		start = end + 1
	}
	return all
}

// aggregate is the mean of the normalised outputs of blocks start to end.
func (n *Network) aggregate(g *graph.Builder, r *Intermediates, t *tokens, start, end int) *graph.Node {
	var sum *graph.Node
	var alphas float64
	count := end - start + 1
	length := n.Config.Prefix() + t.h*t.w
	normalise := n.InterNormalizer != nil && r.Alpha != NoAlpha
	for i := start; i <= end; i++ {
		s := g.At("block", i)
		x := t.blocks[i]
		if normalise {
			x = n.InterNormalizer.Forward(s.At("normalised"), x, length, i, end)
			alpha, err := n.InterNormalizer.Alpha(i)
			if err != nil {
				g.Fail("%w", err)
				return nil
			}
			alphas += alpha
			if r.Alpha == PreAlpha {
				x = n.InterNormalizer.Scale(s.At("alpha"), x, length, alpha)
			}
		}
		if sum == nil {
			sum = x
		} else {
			sum = s.At("sum").Add(sum, x)
		}
	}
	if count > 1 {
		sum = g.At("mean").Scale(sum, 1/float64(count))
	}
	if normalise && r.Alpha != PreAlpha {
		sum = n.InterNormalizer.Scale(g.At("alpha"), sum, length, alphas/float64(count))
	}
	return sum
}
