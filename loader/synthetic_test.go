package loader

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSyntheticIsTheReference compares bit by bit with a checkpoint that reference.py made with the empty seed.
func TestSyntheticIsTheReference(t *testing.T) {
	f := open(t, checkpoints+"hub/model.safetensors")
	synthetic, compared := NewSynthetic(""), 0
	for _, name := range f.Names() {
		info, _ := f.Lookup(name)
		if info.DType != F32 {
			continue
		}
		want, err := f.Bytes(name)
		require.NoError(t, err)
		got, err := synthetic.Float32(name, info.Shape...)
		require.NoError(t, err)
		require.Equal(t, want, float32Bytes(got...), name)
		compared++
	}
	require.Equal(t, 81, compared)
}

// TestSyntheticSums compares every kind of tensor, in other seeds and shapes, with the checksums in testdata/synth.json.
func TestSyntheticSums(t *testing.T) {
	text, err := os.ReadFile("testdata/synth.json")
	require.NoError(t, err)
	var cases []struct {
		Seed, Name, SHA256 string
		Shape              []int
	}
	require.NoError(t, json.Unmarshal(text, &cases))
	require.Greater(t, len(cases), 20)
	for _, c := range cases {
		values, err := NewSynthetic(c.Seed).Float32(c.Name, c.Shape...)
		require.NoError(t, err)
		sum := sha256.Sum256(float32Bytes(values...))
		require.Equal(t, c.SHA256, hex.EncodeToString(sum[:]), "%q %s %v", c.Seed, c.Name, c.Shape)
	}
}

// TestSyntheticPieces: the values do not depend on how the cores share a tensor.
func TestSyntheticPieces(t *testing.T) {
	const n = 3<<16 + 1
	got, err := NewSynthetic("s").Float32("x.token", n)
	require.NoError(t, err)
	want := make([]float32, n)
	fill(want, fnv1a64("sx.token"), 0, 0, 1)
	require.Equal(t, want, got)
}

func TestSyntheticHoldsNoList(t *testing.T) {
	s := NewSynthetic("5")
	require.Nil(t, s.Names())
	_, ok := s.Lookup("x")
	require.False(t, ok)
	_, err := s.Int64("radio_model.summary_idxs", 3)
	requireError(t, err, "summary_idxs", `seed "5"`)
	require.ErrorIs(t, err, ErrMissing)
	require.Equal(t, `synthetic weights (seed "5")`, s.String())
	require.NoError(t, s.Close())
}

func TestSyntheticRefusesShapes(t *testing.T) {
	s := NewSynthetic("")
	for _, shape := range [][]int{{-1}, {math.MaxInt, 2}, {math.MaxInt / 2, 3}, {math.MinInt, math.MinInt}} {
		_, err := s.Float32("w", shape...)
		requireError(t, err, `tensor "w"`, "fits in memory")
	}
	_, err := s.Float32("input_conditioner.norm_std", 4)
	requireError(t, err, "(4,)", "(3, 1, 1)")
}

func TestSyntheticIsMadeAnew(t *testing.T) {
	s := NewSynthetic("")
	for _, name := range []string{"norm_mean", "w"} {
		a, err := s.Float32(name, 3)
		require.NoError(t, err)
		first := a[0]
		a[0] = 99
		b, err := s.Float32(name, 3)
		require.NoError(t, err)
		require.Equal(t, first, b[0])
	}
}

func BenchmarkSynthetic(b *testing.B) {
	s := NewSynthetic("")
	b.SetBytes(4 << 24)
	for b.Loop() {
		if _, err := s.Float32("mlp.fc1.weight", 1<<12, 1<<12); err != nil {
			b.Fatal(err)
		}
	}
}
