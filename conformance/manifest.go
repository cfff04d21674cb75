package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"cradio/loader"
	"cradio/loader/strictjson"
)

// manifestName is the file with PyTorch's errors.
const manifestName = "MANIFEST.json"

// Limits of a folder, far above any real one.
const (
	maxManifest = 64 << 20
	maxBundles  = 10_000
)

// manifest maps the name of a bundle to its entry.
type manifest map[string]*entry

// entry is the entry of a bundle in the manifest. Its other fields are also in the bundle.
type entry struct {
	Config     json.RawMessage `json:"config"`
	SHA256     string          `json:"sha256"`
	TorchError torchError      `json:"torch_error"`
	// ONNXRuntimeInt8 is ONNX Runtime's error for each tensor, with int8 weights and dynamically
	// quantised activations.
	ONNXRuntimeInt8 map[string]Error `json:"onnxruntime_int8"`
}

// torchError is PyTorch's error for each tensor, in the precisions that users run.
type torchError struct {
	Float32 map[string]Error `json:"float32"`
	// AutocastBFloat16 is with torch.autocast. BFloat16 is with weights in bfloat16.
	AutocastBFloat16 map[string]Error   `json:"autocast_bfloat16"`
	BFloat16         map[string]Error   `json:"bfloat16"`
	RMSOfTruth       map[string]float64 `json:"rms_of_truth"`
}

func readManifest(dir string) (manifest, error) {
	path := filepath.Join(dir, manifestName)
	data, err := loader.ReadBounded(path, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file: a folder of bundles needs one, with PyTorch's errors; make it with conformance/reference/make.py", path)
	}
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func parseManifest(data []byte) (manifest, error) {
	var m manifest
	if err := strictjson.Unmarshal(data, strictjson.Limits{Bytes: maxManifest}, &m); err != nil {
		return nil, fmt.Errorf("want a JSON object from names of bundles to objects: %w", err)
	}
	if len(m) > maxBundles {
		return nil, fmt.Errorf("has %d bundles, want at most %d", len(m), maxBundles)
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
				if !natural(err.Max) || !natural(err.RMS) {
					return nil, fmt.Errorf("%s: %s of %s is %+v, want numbers that are not negative", name, kind, tensor, err)
				}
			}
		}
	}
	return m, nil
}

// natural reports whether x can be an error: it is not negative, and finite.
func natural(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }

// checksum compares the file with its checksum in the manifest. Errors that were measured on another
// file would not be comparable.
func (b *Bundle) checksum() error {
	if b.entry == nil || b.entry.SHA256 == "" {
		return nil
	}
	f, err := os.Open(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != b.entry.SHA256 {
		return fmt.Errorf("is not the file that %s describes: its sha256 is %s, want %s; make the bundle again", manifestName, got, b.entry.SHA256)
	}
	return nil
}

// Missing returns the names of bundles that are in the manifest but not in the folder. They are not
// failures, since a folder may hold part of a larger suite.
func (s *Suite) Missing() []string {
	have := map[string]bool{}
	for _, b := range s.Bundles {
		have[b.Name] = true
	}
	var missing []string
	for name := range s.manifest {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing
}
