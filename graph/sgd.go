package graph

import (
	"errors"
	"fmt"

	"gorgonia.org/tensor"
)

// SGD is the operation of Builder.SGD: a step as PyTorch's torch.optim.SGD makes it. With
// the rate r, and g times the factor of clip:
//
//	d = g + Decay·w
//	b = Momentum·b + d         d = b, with Nesterov d = d + Momentum·b
//	w = w - r·d
type SGD struct {
	noDiff
	noProducts
	Momentum float64
	Decay    float64
	Rate     float64 // the factor of hyper's rate; 0 means 1
	Nesterov bool
	Clipped  bool // there is a factor of the gradient; the Builder says so
}

// SGD steps w against its gradient. momentum, of its shape, is a state of zeros at the
// first step, and nil where k has no Momentum. hyper gives the rate. clip (1), or nil,
// multiplies the gradient: see ClipFactor. The result is the new w.
func (b *Builder) SGD(w, grad, momentum, hyper, clip *Node, k SGD) *Node {
	in := []*Node{w}
	if k.Momentum != 0 {
		in = append(in, momentum)
	} else if momentum != nil {
		b.Fail("SGD without Momentum has a momentum: give none")
	}
	in = append(in, grad, hyper)
	if k.Clipped = clip != nil; k.Clipped {
		in = append(in, clip)
	}
	return b.update(k, in...)
}

func (k SGD) String() string {
	return fmt.Sprintf("SGD{momentum=%g nesterov=%t decay=%g rate=%g clipped=%t}", k.Momentum, k.Nesterov, k.Decay, k.Factor(), k.Clipped)
}

// Factor is that of hyper's rate.
func (k SGD) Factor() float64 { return factor(k.Rate) }

// Writes implements Update: the weight, and the momentum if there is one.
func (k SGD) Writes() int {
	if k.Momentum == 0 {
		return 1
	}
	return 2
}

func (k SGD) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := within("Momentum", k.Momentum, 0, 1); err != nil {
		return nil, err
	}
	if k.Nesterov && k.Momentum == 0 {
		return nil, errors.New("is Nesterov without Momentum: give one")
	}
	names := []string{"weight", "momentum", "gradient"}
	if k.Momentum == 0 {
		names = []string{"weight", "gradient"}
	}
	return stepped(in, k.Clipped, k.Decay, k.Rate, names...)
}
