package text

import (
	"fmt"
	"log/slog"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/text/token"
)

// Options of Open; the zero value is the tower in float32 on all cores.
type Options struct {
	// DType is the precision of the computation: float32, bfloat16 or int8; see radio.DType.
	DType radio.DType
	// Device is the name of what computes, one of graph.Devices; empty is the first of them.
	Device string
	// Threads bounds the cores used; 0 takes all that are fast: see cpu.NewPool.
	Threads int
	// Kind says how texts become ids. Empty is what the configuration implies.
	Kind token.Kind
	// Tokenizer is the file or folder with the vocabulary; empty is the tower's folder.
	Tokenizer string
	// IDsAlone opens the tower without its vocabulary: EncodeIDs is all that it can do.
	IDsAlone bool
	// Batch is how many texts are computed at once, at most; 0 is 32.
	Batch int
	// PackDir is the folder of packed weights; empty is the tower's folder. NoPack uses none.
	PackDir string
	NoPack  bool
	// Log gets warnings of packed weights that cannot be used; nil is slog.Default().
	Log *slog.Logger
	// Seed picks another set of synthetic weights.
	Seed string
}

// deviceOptions are those of the tower's device.
func (o *Options) deviceOptions() (d graph.DeviceOptions, err error) {
	d = graph.DeviceOptions{Threads: o.Threads, Frozen: true}
	switch o.DType {
	case "", radio.Float32:
		d.Precision = graph.Full
	case radio.BFloat16:
		d.Precision = graph.BFloat16
	case radio.Int8:
		d.Precision = graph.Int8
	case radio.TF32:
		d.Precision = graph.TF32
	default:
		return d, fmt.Errorf("dtype is %q, want float32, bfloat16, int8 or tf32", o.DType)
	}
	return d, nil
}

// kind is how the texts of a tower become ids. There are no bos tokens in SigLIP's texts, and
// its vocabularies differ in size: 32,000 of T5's, 256,000 of Gemma's.
func (o *Options) kind(c *Config) token.Kind {
	switch {
	case o.Kind != "":
		return o.Kind
	case c.Causal:
		return token.KindCLIP
	case c.Vocabulary > 100_000:
		return token.KindSigLIP2
	default:
		return token.KindSigLIP
	}
}
