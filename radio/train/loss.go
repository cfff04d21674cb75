package train

import (
	"fmt"
	"math"
	"slices"

	"cradio/graph"
)

// LossKind is a kind of loss.
type LossKind string

// The kinds. Of several labels a picture, CrossEntropy is the binary one of each class, and Focal is
// RetinaNet's.
const (
	CrossEntropy LossKind = "cross-entropy"
	Focal        LossKind = "focal"     // (1 - p)^Gamma times the cross entropy: what is already right counts less
	Dice         LossKind = "dice"      // 1 - the overlap of each class, of masks
	SILog        LossKind = "silog"     // of depths; DINOv2's and DINOv3's
	SmoothL1     LossKind = "smooth-l1" // of depths
)

// Term is a part of a Loss.
type Term struct {
	Kind   LossKind `json:"kind"`
	Weight float64  `json:"weight,omitempty"` // in the sum; 0 means 1
}

// Loss is what training makes small: a sum of terms. The zero value is CrossEntropy, or SILog of depths.
type Loss struct {
	Terms []Term `json:"terms,omitempty"`
	// Gamma is the exponent of Focal; 0 means 2. Alpha, with several labels, is the weight of what a
	// picture has; what it lacks has 1 - Alpha. 0 weighs nothing.
	Gamma float64 `json:"gamma,omitempty"`
	Alpha float64 `json:"alpha,omitempty"`
	// Beta is where SmoothL1 goes over from squares to lines, metres; 0 means 1.
	Beta float64 `json:"beta,omitempty"`
	// Weights are those of the classes in CrossEntropy, nil for 1 each. With several labels they are
	// those of the pictures that have the class, beside the pictures that lack it.
	Weights []float64 `json:"weights,omitempty"`
	// Balanced chooses the weights by the training part: n / (classes · count), as scikit-learn does,
	// counted in pictures or pixels. With several labels it is lacking / having, as PyTorch advises.
	Balanced bool `json:"balanced,omitempty"`
}

// terms are those of the loss, or the standard one.
func (l *Loss) terms(standard LossKind) []Term {
	if len(l.Terms) == 0 {
		return []Term{{standard, 1}}
	}
	terms := slices.Clone(l.Terms)
	for i := range terms {
		if terms[i].Weight == 0 {
			terms[i].Weight = 1
		}
	}
	return terms
}

// has says whether the loss has a term of a kind.
func (l *Loss) has(kind, standard LossKind) bool {
	return slices.ContainsFunc(l.terms(standard), func(t Term) bool { return t.Kind == kind })
}

// sum adds the terms to a graph. term adds one of them.
func (l *Loss) sum(g *graph.Builder, standard LossKind, term func(s *graph.Builder, kind LossKind) *graph.Node) *graph.Node {
	s, terms := g.At("loss"), l.terms(standard)
	var total *graph.Node
	for _, t := range terms {
		at := s
		if len(terms) > 1 {
			at = s.At(string(t.Kind))
		}
		n := term(at, t.Kind)
		if t.Weight != 1 {
			n = at.At("weighted").Scale(n, t.Weight)
		}
		if total == nil {
			total = n
		} else {
			total = at.At("sum").Add(total, n)
		}
	}
	return total
}

// gamma is the exponent of Focal.
func (l *Loss) gamma() float64 {
	if l.Gamma == 0 {
		return 2
	}
	return l.Gamma
}

// alpha is the weight of positive targets in Focal, as graph.Builder.SigmoidFocal has it.
func (l *Loss) alpha() float64 {
	if l.Alpha == 0 {
		return -1
	}
	return l.Alpha
}

// beta is that of SmoothL1.
func (l *Loss) beta() float64 {
	if l.Beta == 0 {
		return 1
	}
	return l.Beta
}

// check returns an error for a loss that makes no sense. kinds are those that are possible, the standard
// one first; classes is the number of classes, 0 of depths.
func (l *Loss) check(kinds []LossKind, classes int, several bool) error {
	standard := kinds[0]
	seen := map[LossKind]bool{}
	for _, t := range l.Terms {
		switch {
		case !slices.Contains(kinds, t.Kind):
			return fmt.Errorf("the loss has a term %q, want one of %v", string(t.Kind), kinds)
		case seen[t.Kind]:
			return fmt.Errorf("the loss has the term %s twice", t.Kind)
		case !(t.Weight >= 0) || math.IsInf(t.Weight, 1):
			return fmt.Errorf("the term %s of the loss has the weight %g: must be above 0 and finite", t.Kind, t.Weight)
		}
		seen[t.Kind] = true
	}
	positive := func(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }
	switch {
	case !positive(l.Gamma) || !positive(l.Beta):
		return fmt.Errorf("the loss has gamma %g and beta %g: must be positive and finite", l.Gamma, l.Beta)
	case !(l.Alpha >= 0 && l.Alpha <= 1):
		return fmt.Errorf("the loss has alpha %g: must be above 0 and at most 1", l.Alpha)
	case l.Gamma != 0 && !l.has(Focal, standard):
		return fmt.Errorf("gamma is of the term %s, which the loss lacks", Focal)
	case l.Alpha != 0 && !(several && l.has(Focal, standard)):
		return fmt.Errorf("alpha is of the term %s for several labels a picture", Focal)
	case l.Beta != 0 && !l.has(SmoothL1, standard):
		return fmt.Errorf("beta is of the term %s, which the loss lacks", SmoothL1)
	case (l.Balanced || l.Weights != nil) && !l.has(CrossEntropy, standard):
		return fmt.Errorf("weights of classes are of the term %s, which the loss lacks", CrossEntropy)
	case l.Balanced && l.Weights != nil:
		return fmt.Errorf("weights of classes are given, and chosen by their counts; choose one")
	case l.Weights != nil && len(l.Weights) != classes:
		return fmt.Errorf("there are %d weights of classes, and %d classes: want one for each", len(l.Weights), classes)
	}
	for i, w := range l.Weights {
		if !positive(w) {
			return fmt.Errorf("the weight of class %d is %g: must be at least 0 and finite", i, w)
		}
	}
	if l.Weights != nil && slices.Max(l.Weights) == 0 {
		return fmt.Errorf("the weights of all %d classes are 0: nothing would count", classes)
	}
	return nil
}

// weights are those of the classes, nil for 1 each. counts are how often each class is in the training
// part, in pictures or pixels; of is the number of pictures.
func (l *Loss) weights(counts, of []int, several bool) []float64 {
	if !l.Balanced {
		return l.Weights
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	weights := make([]float64, len(counts))
	for c, n := range counts {
		switch {
		case n == 0:
			weights[c] = 1 // no target has it
		case several:
			weights[c] = float64(of[c]-n) / float64(n)
		default:
			weights[c] = float64(total) / (float64(len(counts)) * float64(n))
		}
	}
	return weights
}

// classWeights is the input of the weights of classes, nil where all are 1, and what fills it.
func classWeights(g *graph.Builder, weights []float64) (*graph.Node, func(graph.Machine) error) {
	if weights == nil {
		return nil, func(graph.Machine) error { return nil }
	}
	n := g.Input("weights of classes", len(weights))
	values := make([]float32, len(weights))
	for i, w := range weights {
		values[i] = float32(w)
	}
	return n, func(m graph.Machine) error { return set(m, n, values) }
}
