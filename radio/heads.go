package radio

import (
	"fmt"
	"slices"

	"cradio/graph"
)

// Head computes something from the backbone's outputs, in the same forward pass: classes, a map of
// classes, depths. *head.Head of package radio/head is one.
type Head interface {
	// Sources lists what the head reads.
	Sources() []Source
	// CheckConfig refuses a backbone of other sizes.
	CheckConfig(c *Config) error
	// Infer adds the head to a graph. Its sources have a batch axis; grid is that of the patches. It
	// returns (B, K) and no grid, or tokens (B, rows·cols, K) and theirs.
	Infer(g *graph.Builder, in map[Source]*graph.Node, grid Grid) (*graph.Node, Grid)
}

// Grid is a number of rows and columns.
type Grid struct{ Rows, Cols int }

// Tokens is how many tokens there are.
func (g Grid) Tokens() int { return g.Rows * g.Cols }

// HeadOutputs are what a head gives.
type HeadOutputs[T any] struct {
	Values T    // (B, K), or of a grid (B, Rows·Cols, K) or (B, K, Rows, Cols)
	Grid   Grid // none of classes
}

// checkHeads refuses heads that do not fit the network.
func (n *Network) checkHeads(list []Head) error {
	for i, h := range list {
		if h == nil {
			return fmt.Errorf("head %d is nil", i)
		}
		if err := h.CheckConfig(n.Config); err != nil {
			return err
		}
		if err := n.checkSources(h.Sources()); err != nil {
			return err
		}
	}
	return nil
}

// heads adds heads to a forward pass; in has their sources.
func (n *Network) heads(g *graph.Builder, list []Head, in map[Source]*graph.Node, t *tokens, layout Layout) (all []HeadOutputs[*graph.Node]) {
	for i, h := range list {
		s := g.At("heads", i)
		y, grid := h.Infer(s, in, Grid{t.h, t.w})
		if layout == NCHW && grid != (Grid{}) {
			y = s.At("nchw").ToNCHW(y, grid.Rows, grid.Cols)
		}
		all = append(all, HeadOutputs[*graph.Node]{s.Tap(y), grid})
	}
	return all
}

// allSources are those of a request and of its heads.
func (r *Request) allSources() []Source {
	list := slices.Clone(r.Sources)
	for _, h := range r.Heads {
		list = append(list, h.Sources()...)
	}
	return list
}
