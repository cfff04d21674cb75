package conformance

import "cradio/radio"

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
	default:
		return b.entry.TorchError.Float32
	}
}
