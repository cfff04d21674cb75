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

// manifestName is the file that says how far PyTorch is from the truth.
const manifestName = "MANIFEST.json"

// Bounds on what a folder may hold: far above any real one.
const (
	maxManifest = 64 << 20
	maxBundles  = 10_000
)

// manifest maps a bundle's name to what is known about it.
type manifest map[string]*entry

// entry is a bundle's line in the manifest; its other fields are in the bundle too.
type entry struct {
	Config     json.RawMessage `json:"config"`
	SHA256     string          `json:"sha256"`
	TorchError torchError      `json:"torch_error"`
	// ONNXRuntimeInt8 is its error by tensor, with weights in int8 and activations
	// quantised as it runs.
	ONNXRuntimeInt8 map[string]Error `json:"onnxruntime_int8"`
}

// torchError is PyTorch's distance from the truth for each tensor, as users run it.
type torchError struct {
	Float32 map[string]Error `json:"float32"`
	// AutocastBFloat16 is under torch.autocast, BFloat16 with the weights in bfloat16.
	AutocastBFloat16 map[string]Error   `json:"autocast_bfloat16"`
	BFloat16         map[string]Error   `json:"bfloat16"`
	RMSOfTruth       map[string]float64 `json:"rms_of_truth"`
}

func readManifest(dir string) (manifest, error) {
	path := filepath.Join(dir, manifestName)
	data, err := loader.ReadBounded(path, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file: a folder of bundles has one, with PyTorch's own errors; reference/make.py writes it", path)
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
		return nil, fmt.Errorf("wants an object of bundles by name: %w", err)
	}
	if len(m) > maxBundles {
		return nil, fmt.Errorf("has %d bundles, wants at most %d", len(m), maxBundles)
	}
	for name, e := range m {
		if e == nil {
			return nil, fmt.Errorf("%s: is null, wants an object", name)
		}
		for kind, errs := range map[string]map[string]Error{
			"torch_error.float32": e.TorchError.Float32, "torch_error.autocast_bfloat16": e.TorchError.AutocastBFloat16,
			"torch_error.bfloat16": e.TorchError.BFloat16, "onnxruntime_int8": e.ONNXRuntimeInt8,
		} {
			for tensor, err := range errs {
				if !natural(err.Max) || !natural(err.RMS) {
					return nil, fmt.Errorf("%s: %s of %s is %+v, wants numbers that are not negative", name, kind, tensor, err)
				}
			}
		}
	}
	return m, nil
}

// natural says whether x can be the size of an error.
func natural(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }

// checksum compares the file with what the manifest says of it: marks measured
// on another file would mean nothing.
func (b *Bundle) checksum() error {
	if b.marks == nil || b.marks.SHA256 == "" {
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
	if got := hex.EncodeToString(h.Sum(nil)); got != b.marks.SHA256 {
		return fmt.Errorf("is not the file that %s describes: its sha256 is %s, wants %s; make the bundle again", manifestName, got, b.marks.SHA256)
	}
	return nil
}

// Missing lists the bundles that the manifest describes and the folder lacks. A
// folder may be part of a larger one, so they are no failure.
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
