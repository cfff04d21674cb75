package radio

import (
	"fmt"
	"log/slog"
	"slices"

	"cradio/graph"
	"cradio/loader/hub"

	"gorgonia.org/tensor"
)

// Options says how a model is opened; the zero value is right for most uses.
type Options struct {
	// DType is the precision of the computation; see the constants.
	DType DType
	// Device is the name of what computes, one of graph.Devices; empty is the first of them.
	Device string
	// Threads bounds the cores used; 0 takes all that are fast: see cpu.NewPool.
	Threads int

	// AlignCorners overrides the configuration's; see Config.AlignCorners.
	AlignCorners *bool
	// ViTDet runs blocks in windows.
	ViTDet ViTDet
	// ExternalPreprocessing leaves the input conditioner out: pixels must come
	// normalised, (x - mean) / std, as Model.Conditioner gives them.
	ExternalPreprocessing bool

	// Adapter is the folder of a LoRA adapter, as package radio/lora or PEFT saves it: it is merged into
	// the weights. Empty is none.
	Adapter string

	// Hub is where names such as nvidia/C-RADIOv2-B are looked up; nil is what the
	// environment says, as Python reads it.
	Hub *hub.Client

	// NoPack leaves packed weights on disk alone; PackDir is the folder they are
	// in, that of the checkpoint if it is empty. See Model.WritePack.
	NoPack  bool
	PackDir string

	// Programs bounds how many compiled sizes are kept, 0 is 8.
	Programs int
	// Concurrent bounds the forward passes that run at once, 0 is 1 on the CPU, and two on each
	// GPU: what one needs is copied while another computes. Others wait, in order of arrival. One pass uses all Threads: more at once take memory of their own, and end
	// together. Of 16 that came at once to B at 432 px, the first was done in 1/16 of the time
	// of all with 48 MB where one ran at a time, and none before all of them with 240 MB where
	// all did; the time of all was about the same (go test ./radio -run - -bench Concurrent).
	Concurrent int
	// IdleBytes bounds the memory for activations that is kept between forward passes, 0 is
	// 256 MiB. That of the last pass is kept even where it is larger; negative keeps none.
	IdleBytes int64
	// FreeMemory, where not nil, is called when much memory has become free at once: after weights
	// were packed, and after large images were loaded, before their forward pass. The heap would
	// keep it until it has doubled. A command that wants it back sets debug.FreeOSMemory, which
	// takes milliseconds.
	FreeMemory func()
	// Small is the limit of small operations: those with at most so many multiplications for
	// an image are computed in float64. 0 is the device's default, a negative limit none. See
	// graph.DeviceOptions.
	Small int
	// NoFusion and CheckFinite are for debugging: every operation computed
	// on its own, and an error at the first NaN or infinity with its place.
	NoFusion, CheckFinite bool

	// Seed picks another set of synthetic weights.
	Seed string
	// Log gets warnings; nil is slog.Default().
	Log *slog.Logger
	// Trace, where not nil, is told how long each step took; see Event. It is called by many
	// goroutines at once, and should return soon.
	Trace func(Event)
}

func (o *Options) log() *slog.Logger {
	if o.Log == nil {
		return slog.Default()
	}
	return o.Log
}

// DType is a precision.
type DType string

// The precisions; the empty string is Float32. Outputs are float32 in all but
// Float64. In BFloat16 and Int8 sums of products, the residual stream, norms and
// the statistics of softmax are float32 too.
const (
	Float32 DType = "float32"
	// Float64 is a reference, slow, in twice the memory.
	Float64 DType = "float64"
	// BFloat16 rounds to bfloat16 the weights and the input of every Linear, and
	// queries, keys and values.
	BFloat16 DType = "bfloat16"
	// Int8 rounds to 8 bits the weights of a Linear, with a scale for each output,
	// and its input, with a scale and an offset for each token. Attention is as in
	// BFloat16, and so is a Linear on pixels or on the bare residual stream: the
	// patch embedding, the feature normaliser, the first of an adaptor's head.
	Int8 DType = "int8"
	// TF32 is float32 of which products, and those of attention, read 11 bits: a precision of NVIDIA's GPUs
	// from compute capability 8.0 on, and of no other device.
	TF32 DType = "tf32"
)

// DTypes lists the precisions, the most usual first.
func DTypes() []DType { return []DType{Float32, BFloat16, Int8, Float64, TF32} }

// GPUAlone says that the CPU does not compute in this precision.
func (d DType) GPUAlone() bool { return d == TF32 }

// elements is the element type of a graph in this precision, and what the
// operands of its products are rounded to.
func (d DType) elements() (tensor.Dtype, graph.Precision, error) {
	switch d {
	case "", Float32:
		return tensor.Float32, graph.Full, nil
	case Float64:
		return tensor.Float64, graph.Full, nil
	case BFloat16:
		return tensor.Float32, graph.BFloat16, nil
	case Int8:
		return tensor.Float32, graph.Int8, nil
	case TF32:
		return tensor.Float32, graph.TF32, nil
	}
	return tensor.Dtype{}, graph.Full, d.Check()
}

// Check refuses what is no precision.
func (d DType) Check() error {
	if d == "" || slices.Contains(DTypes(), d) {
		return nil
	}
	return fmt.Errorf("dtype is %q, want one of %v", string(d), DTypes())
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
	// Sources asks for tensors by the names that heads and caches of features use.
	Sources []Source
	// Heads run on the backbone's outputs, in the same program.
	Heads []Head
	// Attention asks for the attention weights of some tokens; see AttentionRows.
	Attention []AttentionRows
	// Taps asks for any tensors by scope path, such as "blocks.3.attn.context".
	Taps []string
}

func (r *Request) check(n *Network) error {
	switch r.Layout {
	case "", NLC, NCHW:
	default:
		return fmt.Errorf("layout is %q, want %s or %s", r.Layout, NLC, NCHW)
	}
	for _, name := range r.Adaptors {
		if _, err := n.Config.Adaptor(name); err != nil {
			return err
		}
	}
	for i := range r.Attention {
		if err := r.Attention[i].check(n); err != nil {
			return err
		}
	}
	if err := n.checkSources(r.Sources); err != nil {
		return err
	}
	if err := n.checkHeads(r.Heads); err != nil {
		return err
	}
	if r.Intermediates != nil {
		return r.Intermediates.check(n)
	}
	return nil
}
