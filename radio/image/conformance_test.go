package image

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const bundles = "../../conformance"

// bytesTensor is a uint8 tensor of a conformance bundle.
type bytesTensor struct {
	shape []int
	data  []uint8
}

// readTensors reads the safetensors files of image bundles: uint8 only.
func readTensors(t testing.TB, path string) map[string]bytesTensor {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	file, err := io.ReadAll(z)
	require.NoError(t, err)
	n := binary.LittleEndian.Uint64(file)
	var header map[string]struct {
		Dtype   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	metadata := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal(file[8:8+n], &metadata))
	delete(metadata, "__metadata__")
	tensors, err := json.Marshal(metadata)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(tensors, &header))
	out := map[string]bytesTensor{}
	for name, h := range header {
		require.Equal(t, "U8", h.Dtype, name)
		out[name] = bytesTensor{h.Shape, file[8+int(n)+h.Offsets[0] : 8+int(n)+h.Offsets[1]]}
	}
	return out
}

// difference returns the largest and the average difference of two images, in levels.
func difference(a, b []uint8) (largest int, mean float64) {
	sum := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		d = max(d, -d)
		largest = max(largest, d)
		sum += d
	}
	return largest, float64(sum) / float64(len(a))
}

// TestDecodeMatchesPillow decodes every image of conformance/images. All formats must equal Pillow's
// bytes, also JPEG and lossy WebP.
func TestDecodeMatchesPillow(t *testing.T) {
	decoded := readTensors(t, filepath.Join(bundles, "images/decoded.safetensors.gz"))
	require.NotEmpty(t, decoded)
	for _, name := range sortedKeys(decoded) {
		want := decoded[name]
		t.Run(name, func(t *testing.T) {
			img, err := DecodeFile(filepath.Join(bundles, "images", name), DecodeOptions{})
			require.NoError(t, err)
			require.Equal(t, want.shape, []int{img.H, img.W, 3})
			largest, mean := difference(img.Pix, want.data)
			t.Logf("%s: largest difference %d levels, mean %.5f", name, largest, mean)
			require.Zero(t, largest)
		})
	}
}

// TestProcessMatchesTransformers runs the settings of conformance/images through Process.
func TestProcessMatchesTransformers(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(bundles, "MANIFEST.json"))
	require.NoError(t, err)
	var manifest map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &manifest))
	var entry struct {
		Settings map[string]json.RawMessage `json:"settings"`
	}
	require.NoError(t, json.Unmarshal(manifest["images/processed"], &entry))
	processed := readTensors(t, filepath.Join(bundles, "images/processed.safetensors.gz"))
	require.NotEmpty(t, processed)
	for _, name := range sortedKeys(processed) {
		want := processed[name]
		t.Run(name, func(t *testing.T) {
			file, setting, _ := strings.Cut(name, "/")
			p, err := ParseProcessor(entry.Settings[setting])
			require.NoError(t, err)
			img, err := DecodeFile(filepath.Join(bundles, "images", file), DecodeOptions{})
			require.NoError(t, err)
			h, w := p.Size(img.H, img.W)
			out, err := p.Process(img)
			require.NoError(t, err)
			require.Equal(t, [2]int{h, w}, [2]int{out.H, out.W}, "Size foretells Process")
			require.Equal(t, want.shape, []int{3, out.H, out.W})
			largest, mean := difference(planar(out), want.data)
			t.Logf("%s: largest difference %d levels, mean %.5f", name, largest, mean)
			require.Zero(t, largest)
		})
	}
}

// planar reorders (H, W, 3) to (3, H, W).
func planar(m *RGB) []uint8 {
	n := m.H * m.W
	out := make([]uint8, 3*n)
	for i := range n {
		for c := range 3 {
			out[c*n+i] = m.Pix[3*i+c]
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
