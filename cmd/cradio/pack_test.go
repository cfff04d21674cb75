package main

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

func TestPackAndUse(t *testing.T) {
	if l, err := cpu.Choose(); err != nil || l == cpu.Plain {
		t.Skipf("level %v does not use packed weights with float32", l)
	}
	dir := filepath.Join(t.TempDir(), "nano")
	cradio("synth", "nano", "--out", dir).succeeds(t)
	embed := []string{"embed", picture("rgba.png"), "--model", dir, "--json", "--log-level", "debug"}
	want := cradio(embed...)
	want.succeeds(t)
	require.NotContains(t, want.stderr, "packed")

	o := cradio("pack", dir)
	o.succeeds(t)
	found, err := filepath.Glob(filepath.Join(dir, "cradio-float32-*.pack"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Contains(t, o.stdout, found[0])
	got := cradio(embed...)
	require.Contains(t, got.stderr, "using packed weights")
	require.Equal(t, want.stdout, got.stdout)
	require.NotContains(t, cradio(append(embed, "--no-pack")...).stderr, "using packed weights")
	require.Contains(t, cradio("info", "--model", dir).stdout, found[0])

	var report packReport
	require.Contains(t, cradio("pack", dir, "--verify").stdout, "verified: pack and checkpoint match")
	o = cradio("pack", dir, "--verify", "--json")
	o.succeeds(t)
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &report))
	stat, err := os.Stat(found[0])
	require.NoError(t, err)
	require.Equal(t, packReport{found[0], stat.Size(), "float32", cpu.Default().Layout()}, report)

	later := time.Now().Add(time.Hour)
	weights := filepath.Join(dir, "model.safetensors")
	require.NoError(t, os.Chtimes(weights, later, later))
	got = cradio(embed...)
	require.Contains(t, got.stderr, "using packed weights")
	require.NotContains(t, got.stderr, "WARN")
	require.Equal(t, want.stdout, got.stdout)
	require.FileExists(t, found[0]+".seen")

	data, err := os.ReadFile(weights)
	require.NoError(t, err)
	data[8+binary.LittleEndian.Uint64(data)] ^= 1 // the first number
	require.NoError(t, os.WriteFile(weights, data, 0o644))
	want = cradio(append(embed, "--no-pack")...)
	stale := cradio(embed...)
	require.Contains(t, stale.stderr, "cradio: warning: not using packed weights")
	require.Contains(t, stale.stderr, "cradio pack")
	require.Equal(t, want.stdout, stale.stdout)
	cradio("pack", dir, "--verify").fails(t, exitError, "opened without packed weights")

	cradio("synth", "nano", "--out", dir, "--force").succeeds(t) // what it wrote, and the pack of that
	found, err = filepath.Glob(filepath.Join(dir, "*.pack*"))
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestPackElsewhere(t *testing.T) {
	dir, packs := filepath.Join(t.TempDir(), "nano"), t.TempDir()
	cradio("synth", "nano", "--out", dir).succeeds(t)
	cradio("pack", dir, "--dtype", "bfloat16", "--out", packs).succeeds(t)
	o := cradio("embed", picture("rgba.png"), "--model", dir, "--dtype", "bfloat16", "--packs", packs, "--log-level", "debug")
	o.succeeds(t)
	require.Contains(t, o.stderr, "using packed weights")
	cradio("pack", dir, "--dtype", "bfloat16", "--out", packs, "--verify").succeeds(t)
}

func TestPackRefuses(t *testing.T) {
	cradio("pack").fails(t, exitError, "want one MODEL")
	cradio("pack", "synthetic:nano").fails(t, exitError, "`cradio synth` writes one")
	cradio("pack", "synthetic:nano", "--dtype", "float8").fails(t, exitError, "--dtype")
	dir := filepath.Join(t.TempDir(), "nano")
	cradio("synth", "nano", "--out", dir).succeeds(t)
	cradio("pack", dir, "--dtype", "float64").fails(t, exitError, "there is nothing to pack")
	cradio("pack", dir, "--dtype", "int8", "--out", filepath.Join(dir, "none")).fails(t, exitError, "the folder does not exist")
}
