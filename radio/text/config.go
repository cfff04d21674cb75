package text

import "fmt"

// Config is the architecture of a text tower.
type Config struct {
	Width, Heads, Depth int
	Hidden              int // of the MLP
	Context             int // positions: the ids of a text
	Vocabulary          int
	Embed               int // E, the width of what pictures and texts share
	Activation          Activation
	Eps                 float64 // of the norms
	Causal              bool    // a position sees itself and those before it
	Pool                Pool
	End                 int  // the id that PoolEnd looks for
	ProjectionBias      bool // and a logit_bias beside logit_scale
}

// Activation is that of the MLP.
type Activation string

// The activations: GELU by the error function, its approximation by a hyperbolic tangent, and
// x·σ(1.702·x).
const (
	ExactGELU Activation = "gelu"
	TanhGELU  Activation = "gelu_tanh"
	QuickGELU Activation = "quick_gelu"
)

// Pool says which position a text is read at.
type Pool string

// The pools.
const (
	PoolLargest Pool = "argmax" // the first of the largest id, where CLIP's texts end
	PoolEnd     Pool = "eos"    // the first id that is Config.End, else position 0
	PoolLast    Pool = "last"   // the last position
)

// Limits of a tower, well above what is published: they bound what a file can make us
// allocate.
const (
	mostWidth      = 1 << 14
	mostDepth      = 256
	mostContext    = 1 << 14
	mostVocabulary = 1 << 21
)

// check returns an error that names the first field that is out of range.
func (c *Config) check() error {
	for _, f := range []struct {
		name        string
		value, most int
	}{
		{"width", c.Width, mostWidth}, {"heads", c.Heads, mostWidth}, {"layers", c.Depth, mostDepth}, {"MLP width", c.Hidden, 16 * mostWidth},
		{"context length", c.Context, mostContext}, {"vocabulary", c.Vocabulary, mostVocabulary}, {"embedding width", c.Embed, mostWidth},
	} {
		if f.value < 1 || f.value > f.most {
			return fmt.Errorf("%s is %d, want 1 to %d", f.name, f.value, f.most)
		}
	}
	if c.Width%c.Heads != 0 {
		return fmt.Errorf("width is %d, want a multiple of the %d heads", c.Width, c.Heads)
	}
	if !(c.Eps > 0 && c.Eps < 1) {
		return fmt.Errorf("eps is %g, want a number between 0 and 1", c.Eps)
	}
	return nil
}

// Parameters is the number of weights.
func (c *Config) Parameters() int {
	d := c.Width
	block := 4*d*d + 2*d*c.Hidden + 9*d + c.Hidden
	n := (c.Vocabulary+c.Context+2)*d + c.Depth*block + c.Embed*d
	if c.ProjectionBias {
		n += c.Embed
	}
	return n
}
