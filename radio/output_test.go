package radio

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// everything has a different number in every place of Outputs.
func everything() Outputs[int] {
	return Outputs[int]{
		Summary: 1, Features: 2, Rows: 3, Cols: 4,
		Adaptors:      map[string]AdaptorOutputs[int]{"b": {Summary: 7, Features: 8}, "a": {Summary: 5, Features: 6}},
		Intermediates: []IntermediateOutputs[int]{{Block: 2, Features: 9, Prefix: 10}, {Block: 0, Features: 11, Prefix: 12}},
		Sources:       map[Source]int{"summary": 14, "mean": 13},
		Heads:         []HeadOutputs[int]{{Values: 15, Grid: Grid{Rows: 3, Cols: 4}}},
		Attention:     []AttentionOutputs[int]{{Block: 1, Rows: []int{4}, Weights: 16}},
		Taps:          map[string]int{"y": 18, "x": 17},
		tapRows:       map[string]int{"y": 2, "x": 1},
	}
}

// TestConvert: every value is visited once, in the order of the documentation, and lands in its
// place.
func TestConvert(t *testing.T) {
	in := everything()
	require.Equal(t, []int{1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}, in.values())
	require.Equal(t, in, Convert(in, func(v int) int { return v }))

	v := reflect.ValueOf(in)
	for i := range v.NumField() {
		require.False(t, v.Field(i).IsZero(), "%s has no place in the test", v.Type().Field(i).Name)
	}
	kept := Convert(in, func(v int) int { return v })
	in.Attention[0].Rows[0] = -1
	require.Equal(t, 4, kept.Attention[0].Rows[0], "memory of its own")

	rows := map[int]int{}
	convert(in, func(v, n int) int { rows[v] = n; return v })
	require.Equal(t, 2, rows[18])
	require.Equal(t, 1, rows[16])
	require.Equal(t, Outputs[string]{Summary: "0", Features: "0"}, Convert(Outputs[int]{}, func(int) string { return "0" }), "nothing stays nothing")
}

// TestEntryAndBatched: the values of images are those of their batch, whatever its rows.
func TestEntryAndBatched(t *testing.T) {
	d := tensor.New(tensor.WithShape(6, 2), tensor.WithBacking([]float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}))
	for rows, shape := range map[int]tensor.Shape{0: {6, 2}, 1: {2}, 3: {3, 2}} {
		images := make([]*tensor.Dense, 6/max(rows, 1))
		for i := range images {
			images[i] = entry(d, rows, i)
			require.Equal(t, shape, images[i].Shape())
		}
		got := batched(images, rows)
		require.Equal(t, d.Shape(), got.Shape())
		require.Equal(t, d.Data(), got.Data())
	}
	require.Equal(t, []float32{6, 7, 8, 9, 10, 11}, entry(d, 3, 1).Data())
	require.Nil(t, entry(nil, 1, 0))
	require.Nil(t, batched([]*tensor.Dense{nil, nil}, 1))
}
