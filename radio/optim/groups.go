package optim

import (
	"math"
	"strconv"
	"strings"

	"cradio/graph"
)

// Group is how one weight changes.
type Group struct {
	Weight *graph.Weight
	Factor float64 // of the rate
	Decay  float64
}

// Groups gives each weight its rate and its decay. depth is the number of the backbone's blocks.
//
// Weights of one dimension (biases, norms, LayerScale) and tokens do not decay, unless DecayAll
// says so. With LayerDecay d the factor is d^(depth + 1 - Level).
func (o Options) Groups(weights []*graph.Weight, depth int) []Group {
	groups := make([]Group, len(weights))
	for i, w := range weights {
		g := Group{Weight: w, Factor: o.Factor(w.Name, depth)}
		if o.DecayAll || len(w.Shape()) > 1 && !isToken(w.Name) {
			g.Decay = o.Decay
		}
		groups[i] = g
	}
	return groups
}

// Factor is what the rate of a weight of this name is multiplied by. depth is as for Groups.
func (o Options) Factor(name string, depth int) float64 {
	level := Level(name, depth)
	f := math.Pow(or(o.LayerDecay, 1), float64(depth+1-level))
	if level > depth {
		f *= or(o.HeadFactor, 1)
	}
	return f
}

// Level is the layer that a weight belongs to, by its name: 0 for what comes before the blocks,
// i + 1 for block i, and depth + 1 for what comes after them, such as the head.
func Level(name string, depth int) int {
	parts := strings.Split(name, ".")
	for i, part := range parts[:len(parts)-1] {
		if part != "blocks" {
			continue
		}
		if n, err := strconv.Atoi(parts[i+1]); err == nil {
			return min(n+1, depth)
		}
	}
	for _, part := range parts {
		if part == "patch_generator" || part == "input_conditioner" {
			return 0
		}
	}
	return depth + 1
}

// isToken says whether a weight is a token or a position, which have two dimensions or more but
// are no matrix that multiplies.
func isToken(name string) bool {
	for _, part := range strings.Split(name, ".") {
		switch part {
		case "cls_token", "pos_embed", "token", "latent":
			return true
		}
	}
	return false
}
