package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"cradio/loader"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// TestSynth: the folder is the synthetic model, number for number.
func TestSynth(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "nano")
	o := cradio("synth", "nano", "--out", dir)
	o.succeeds(t)
	require.Contains(t, o.stdout, "synthetic:nano, 0.2 million synthetic weights: the features carry no meaning")
	require.Equal(t, []string{"nano"}, left(t, parent))
	require.Equal(t, synthFiles, left(t, dir))

	args := []string{"embed", picture("chelsea.jpg"), "--json", "-f"}
	want, got := cradio(nano(args...)...), cradio(append(args, "-m", dir)...)
	got.succeeds(t)
	require.Contains(t, got.stderr, "has synthetic weights: the features carry no meaning")
	a, b := lines(t, want.stdout)[0], lines(t, got.stdout)[0]
	require.True(t, b.Synthetic)
	require.Equal(t, a.Summary, b.Summary)
	require.Equal(t, a.Features, b.Features)
}

// TestSynthIsAHubCheckpoint: the tensors have the names and shapes of a
// checkpoint of the reference.
func TestSynthIsAHubCheckpoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nano")
	cradio("synth", "synthetic:nano", "--out", dir).succeeds(t)
	ours, err := loader.OpenFolder(dir)
	require.NoError(t, err)
	defer ours.Close()
	reference, err := loader.OpenFolder("../../conformance/checkpoints/hub")
	require.NoError(t, err)
	defer reference.Close()
	for _, name := range ours.Names() {
		a, _ := ours.Lookup(name)
		b, ok := reference.Lookup(name)
		require.True(t, ok, name)
		require.Equal(t, b.Shape, a.Shape, name)
		require.Equal(t, b.DType, a.DType, name)
	}
}

func TestSynthSeed(t *testing.T) {
	dir := t.TempDir()
	cradio("synth", "nano", "--out", dir, "--seed", "7").succeeds(t) // an empty folder is taken
	m, err := radio.Open(context.Background(), dir, radio.Options{})
	require.NoError(t, err)
	defer m.Close()
	w := m.Weights()[0]
	want, err := loader.NewSynthetic("7").Float32(w.Name, w.Shape()...)
	require.NoError(t, err)
	value, err := w.Value()
	require.NoError(t, err)
	require.Equal(t, want, value.Float32s())
}

func TestSynthRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nano")
	cradio("synth", "nano", "--out", dir).succeeds(t)
	mine := filepath.Dir(file(t, "thesis.txt", []byte("years of work")))
	real := t.TempDir()
	require.NoError(t, os.CopyFS(real, os.DirFS("../../conformance/checkpoints/hub")))
	for want, args := range map[string][]string{
		"want one NAME of":                               {},
		"--out is missing":                               {"nano"},
		`no synthetic model "Z"`:                         {"Z", "--out", t.TempDir()},
		"already exists; choose another folder":          {"nano", "--out", dir},
		"holds thesis.txt, which synth did not write":    {"nano", "--out", mine, "--force"},
		"holds a checkpoint that synth did not write":    {"nano", "--out", real, "--force"},
		"choose a folder that exists and can be written": {"nano", "--out", filepath.Join(mine, "no", "such")},
	} {
		cradio(append([]string{"synth"}, args...)...).fails(t, exitError, want)
	}
	require.Equal(t, []string{"thesis.txt"}, left(t, mine))
	cradio("synth", "nano", "--out", dir, "--force").succeeds(t)
}

// TestSynthInterrupted: nothing is left.
func TestSynthInterrupted(t *testing.T) {
	parent := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cradioWith(ctx, "", "synth", "nano", "--out", filepath.Join(parent, "nano")).fails(t, exitInterrupted, "interrupted: nothing was written")
	require.Empty(t, left(t, parent))
}
