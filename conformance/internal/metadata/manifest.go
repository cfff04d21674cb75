package metadata

import (
	"encoding/json"
	"fmt"
	"math"

	"cradio/loader/strictjson"
)

// Limits of a folder, far above any real one.
const (
	MaxManifest = 64 << 20 // bytes
	MaxBundles  = 10_000
)

// Manifest maps the name of a bundle to its entry.
type Manifest map[string]*Entry

// Entry is the entry of a bundle in the manifest. Its other fields are also in the bundle.
type Entry struct {
	Config     json.RawMessage `json:"config"`
	SHA256     string          `json:"sha256"`
	TorchError TorchError      `json:"torch_error"`
	// ONNXRuntimeInt8 is ONNX Runtime's error for each tensor, with int8 weights and dynamically
	// quantised activations.
	ONNXRuntimeInt8 map[string]Error `json:"onnxruntime_int8"`
}

// TorchError is PyTorch's error for each tensor, in the precisions that users run.
type TorchError struct {
	Float32 map[string]Error `json:"float32"`
	// AutocastBFloat16 is with torch.autocast. BFloat16 is with weights in bfloat16.
	AutocastBFloat16 map[string]Error   `json:"autocast_bfloat16"`
	BFloat16         map[string]Error   `json:"bfloat16"`
	RMSOfTruth       map[string]float64 `json:"rms_of_truth"`
}

// ParseManifest reads a manifest.
func ParseManifest(data []byte) (Manifest, error) {
	var m Manifest
	if err := strictjson.Unmarshal(data, strictjson.Limits{Bytes: MaxManifest}, &m); err != nil {
		return nil, fmt.Errorf("want a JSON object from names of bundles to objects: %w", err)
	}
	if len(m) > MaxBundles {
		return nil, fmt.Errorf("has %d bundles, want at most %d", len(m), MaxBundles)
	}
	for name, e := range m {
		if e == nil {
			return nil, fmt.Errorf("%s: is null, want an object", name)
		}
		for kind, errs := range map[string]map[string]Error{
			"torch_error.float32": e.TorchError.Float32, "torch_error.autocast_bfloat16": e.TorchError.AutocastBFloat16,
			"torch_error.bfloat16": e.TorchError.BFloat16, "onnxruntime_int8": e.ONNXRuntimeInt8,
		} {
			for tensor, err := range errs {
				if !Natural(err.Max) || !Natural(err.RMS) {
					return nil, fmt.Errorf("%s: %s of %s is %+v, want numbers that are not negative", name, kind, tensor, err)
				}
			}
		}
	}
	return m, nil
}

// Natural reports whether x can be an error: it is not negative, and finite.
func Natural(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }
