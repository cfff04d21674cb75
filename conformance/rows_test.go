package conformance_test

import (
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// cut keeps rows of a gradient in the bundle: runs of inner values.
func (b *bundle) cut(name string, rows []int64, inner int, shape ...int) {
	c := b.tensors["truth/"+name]
	var kept []float32
	for _, r := range rows {
		kept = append(kept, c.floats[int(r)*inner:][:inner]...)
	}
	c.floats, c.shape = kept, shape
	b.tensors["rows/"+name] = &content{dtype: loader.I64, shape: []int{len(rows)}, ints: rows}
}

const (
	tableName  = "radio_model.model.patch_generator.pos_embed" // (1, 64, 64)
	matrixName = "radio_model.model.blocks.2.mlp.fc1.weight"   // (256, 64)
	vectorName = "radio_model.model.blocks.1.attn.qkv.bias"    // (192)
)

// Bundles of large models keep only rows of gradients: of the first axis, or of the second if the
// first has length 1.
func TestRowsOfGradients(t *testing.T) {
	dir := copyOf(t, "nano/base-grad", func(b *bundle) {
		b.cut(tableName, []int64{0, 7, 63}, 64, 1, 3, 64)
		b.cut(matrixName, []int64{0, 255, 9}, 64, 3, 64)
		b.cut(vectorName, []int64{191, 3}, 1, 2)
	})
	r := runFolder(t, dir)
	require.Empty(t, r.Failures)
	seen := 0
	for _, x := range r.Tensors {
		if x.Name == tableName || x.Name == matrixName || x.Name == vectorName {
			seen++
		}
	}
	require.Equal(t, 3, seen)
}

func TestDamagedRows(t *testing.T) {
	for name, c := range map[string]struct {
		change func(b *bundle)
		want   string
	}{
		"a row beyond":     {func(b *bundle) { b.tensors["rows/"+matrixName].ints[1] = 256 }, "has row 256, but the tensor has only 256 rows"},
		"a row before":     {func(b *bundle) { b.tensors["rows/"+matrixName].ints[1] = -1 }, "has row -1"},
		"other rows":       {func(b *bundle) { b.tensors["rows/"+matrixName].ints[1] = 8 }, "times that of PyTorch"},
		"more than listed": {func(b *bundle) { b.tensors["truth/"+matrixName].shape = []int{2, 96} }, "in the rows of rows/"},
		"rows of no list":  {func(b *bundle) { b.tensors["rows/"+matrixName].shape = []int{1, 3} }, "want [3 64] as in the reference"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, "nano/base-grad", func(b *bundle) {
				b.cut(matrixName, []int64{0, 255, 9}, 64, 3, 64)
				c.change(b)
			})
			require.Contains(t, reasons(runFolder(t, dir)), c.want)
		})
	}
}
