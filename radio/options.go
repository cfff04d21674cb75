package radio

import (
	"fmt"
	"log/slog"

	"gorgonia.org/tensor"
)

// Options says how a model is opened; the zero value is right for most uses.
type Options struct {
	// DType is the precision of the computation: Float32 (the default), or
	// Float64, a reference that is slow and takes twice the memory.
	DType DType
	// Threads bounds the cores used; 0 takes GOMAXPROCS.
	Threads int

	// AlignCorners overrides the configuration's; see Config.AlignCorners.
	AlignCorners *bool
	// ViTDet runs blocks in windows.
	ViTDet ViTDet
	// ExternalPreprocessing leaves the input conditioner out: pixels must come
	// normalised, (x - mean) / std, as Model.Conditioner gives them.
	ExternalPreprocessing bool

	// Programs bounds how many compiled sizes are kept, 0 is 8.
	Programs int
	// NoFusion and CheckFinite are for debugging: every operation computed
	// on its own, and an error at the first NaN or infinity with its place.
	NoFusion, CheckFinite bool

	// Seed picks another set of synthetic weights.
	Seed string
	// Log gets warnings; nil is slog.Default().
	Log *slog.Logger
}

// DType is a precision.
type DType string

// The precisions; the empty string is Float32.
const (
	Float32 DType = "float32"
	Float64 DType = "float64"
)

// tensor is the element type of a graph in this precision.
func (d DType) tensor() (tensor.Dtype, error) {
	switch d {
	case "", Float32:
		return tensor.Float32, nil
	case Float64:
		return tensor.Float64, nil
	}
	return tensor.Dtype{}, fmt.Errorf("dtype is %q, wants %s or %s", d, Float32, Float64)
}

// Layout is the order of axes of spatial features.
type Layout string

// The layouts; the empty string is NLC.
const (
	NLC  Layout = "nlc"  // (B, T, D), tokens row by row
	NCHW Layout = "nchw" // (B, D, h, w)
)

// Request says what a forward pass gives beside the summary and the features.
type Request struct {
	// NoFeatures leaves the features out.
	NoFeatures bool
	// Layout is that of features, adaptors' features and intermediates.
	Layout Layout
	// Adaptors names teachers' heads to run.
	Adaptors []string
	// Intermediates, where not nil, asks for tokens of inner blocks.
	Intermediates *Intermediates
	// Taps asks for any tensors by scope path, such as "blocks.3.attn.context".
	Taps []string
}

// Output holds what a forward pass gives. The tensors are the caller's.
type Output struct {
	Summary  *tensor.Dense // (B, C)
	Features *tensor.Dense // (B, h·w, D) or (B, D, h, w)
	Rows     int           // h
	Cols     int           // w
	Adaptors map[string]AdaptorOutput
	// Intermediates are in the order of their blocks.
	Intermediates []Intermediate
	Taps          map[string]*tensor.Dense
}

// AdaptorOutput is what a teacher's heads give.
type AdaptorOutput struct {
	Summary  *tensor.Dense // (B, Out)
	Features *tensor.Dense // (B, N, Out) or (B, Out, h·u, w·u)
}

// Intermediate is what left a block.
type Intermediate struct {
	Block    int
	Features *tensor.Dense // (B, h·w, D) or (B, D, h, w)
	Prefix   *tensor.Dense // (B, P, D), or nil
}

func (r *Request) check(n *Network) error {
	switch r.Layout {
	case "", NLC, NCHW:
	default:
		return fmt.Errorf("layout is %q, wants %s or %s", r.Layout, NLC, NCHW)
	}
	for _, name := range r.Adaptors {
		if _, err := n.Config.Adaptor(name); err != nil {
			return err
		}
	}
	if r.Intermediates != nil {
		return r.Intermediates.check(n)
	}
	return nil
}
