package conformance

import (
	"math"

	"cradio/radio"
)

// Peer is the library whose errors ours are compared with.
type Peer int

// The peers: PyTorch, in float32 and with bfloat16 autocast, and ONNX Runtime, with dynamic int8.
const (
	PyTorch Peer = iota
	ONNXRuntime
)

func (p Peer) String() string {
	if p == ONNXRuntime {
		return "ONNX Runtime"
	}
	return "PyTorch"
}

// maxRatio is the limit of our error divided by the peer's.
func (p Peer) maxRatio() float64 {
	if p == ONNXRuntime {
		return MaxInt8Ratio
	}
	return MaxRatio
}

// peer returns the peer for a precision.
func peer(dtype radio.DType) Peer {
	if dtype == radio.Int8 {
		return ONNXRuntime
	}
	return PyTorch
}

// errors returns the peer's errors in a precision, by tensor, or nil.
func (b *Bundle) errors(dtype radio.DType) map[string]Error {
	if b.entry == nil {
		return nil
	}
	switch dtype {
	case radio.Int8:
		return b.entry.ONNXRuntimeInt8
	case radio.BFloat16:
		return b.entry.TorchError.AutocastBFloat16
	case radio.TF32:
		return b.tf32Errors()
	default:
		return b.entry.TorchError.Float32
	}
}

// tf32Share is what is left of bfloat16's errors in TF32, which keeps 11 bits of operands in place of 8.
const tf32Share = 1. / 8

// tf32Errors estimates PyTorch's errors in TF32, which were not recorded: the share of its errors under bfloat16 autocast, which
// rounds the same operands, and those of float32.
func (b *Bundle) tf32Errors() map[string]Error {
	estimated := map[string]Error{}
	for name, e := range b.entry.TorchError.AutocastBFloat16 {
		exact := b.entry.TorchError.Float32[name]
		estimated[name] = Error{Max: math.Hypot(e.Max*tf32Share, exact.Max), RMS: math.Hypot(e.RMS*tf32Share, exact.RMS)}
	}
	return estimated
}
