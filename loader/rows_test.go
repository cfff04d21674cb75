package loader

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Rows are those of the whole tensor, in every type and format.
func TestFloat32Rows(t *testing.T) {
	const n, d = 7, 3
	half := make([]byte, 2*n*d)
	for i := range half {
		half[i] = byte(i % 50)
	}
	floats := make([]float32, n*d)
	for i := range floats {
		floats[i] = float32(i) / 3
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	require.NoError(t, Write(path, []Tensor{
		{"f32", F32, []int{n, d}, Float32Data(floats)}, {"f16", F16, []int{n, d}, ByteData(half)}, {"bf16", BF16, []int{n, d}, ByteData(half)},
	}, nil))
	file, err := OpenPath(path)
	require.NoError(t, err)
	defer file.Close()
	torch, err := OpenPath("../conformance/text/checkpoints/open-clip-pickle/open_clip_pytorch_model.bin")
	require.NoError(t, err)
	defer torch.Close()
	for _, c := range []struct {
		src   RowSource
		name  string
		shape [2]int
	}{
		{file, "f32", [2]int{n, d}}, {file, "f16", [2]int{n, d}}, {file, "bf16", [2]int{n, d}},
		{torch, "token_embedding.weight", [2]int{160, 24}}, {NewSynthetic("s"), "a.token_embedding.weight", [2]int{9, 5}},
	} {
		whole, err := c.src.Float32(c.name, c.shape[:]...)
		require.NoError(t, err)
		w := c.shape[1]
		got := make([]float32, 3*w)
		require.NoError(t, c.src.Float32Rows(got, c.name, []int{5, 0, 5}, c.shape), c.name)
		for i, row := range []int{5, 0, 5} {
			for j := range w {
				assert.Equal(t, math.Float32bits(whole[row*w+j]), math.Float32bits(got[i*w+j]), "%s, row %d", c.name, row)
			}
		}
		assert.ErrorContains(t, c.src.Float32Rows(got, c.name, []int{0, c.shape[0], 0}, c.shape), "want a row from 0 to")
		assert.ErrorContains(t, c.src.Float32Rows(got, c.name, []int{0}, c.shape), "want memory for 1 rows")
	}
	assert.ErrorIs(t, file.Float32Rows(nil, "none", nil, [2]int{1, 1}), ErrMissing)
}
