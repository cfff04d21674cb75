package main

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cradio/bench"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// On a disturbed machine the table has no times, but all else is there.
func TestBench(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "report.json")
	o := cradio("bench", "--case", "nano:32:2", "--rounds", "1", "--limit", "1s", "--profile", "--json", kept)
	o.succeeds(t)
	require.Contains(t, o.stdout, "nano 32 px, batch 2, float32")
	require.Contains(t, o.stdout, "blocks.*.attn.qkv")
	table := cradio("bench", "table", kept)
	table.succeeds(t)
	require.True(t, strings.HasPrefix(o.stdout, table.stdout), "the same table, then the profile")

	o = cradio("bench", "--case", "nano:32:2", "--rounds", "1", "--limit", "1s", "--profile=each")
	o.succeeds(t)
	require.Regexp(t, `of peak\n0 +patch_generator.cut +Normalize\+Patches`, o.stdout)
	require.Regexp(t, `blocks.2.attn.qkv +Linear .* [0-9.]+ %  +[0-9.]+`, o.stdout)
}

// Gradients of all parameters, with their profile.
func TestBenchGradients(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "report.json")
	o := cradio("bench", "--grad", "--case", "nano:32:2", "--rounds", "1", "--limit", "1s", "--profile", "--json", kept)
	o.succeeds(t)
	require.Contains(t, o.stdout, "nano 32 px, batch 2, float32, gradients")
	require.Contains(t, o.stdout, "LinearGradWeight")
	cradio("bench", "table", kept).succeeds(t)
}

// A step of training, with its memory and its profile; and what is trained is said in the table.
func TestBenchTraining(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "report.json")
	o := cradio("bench", "--train", "last2,all", "--recompute", "--case", "nano:32:2", "--rounds", "1", "--limit", "1s", "--profile", "--json", kept)
	o.succeeds(t)
	require.Contains(t, o.stdout, "nano 32 px, batch 2, float32, training last2, recomputed")
	require.Contains(t, o.stdout, "nano 32 px, batch 2, float32, training all, recomputed, medians")
	require.Contains(t, o.stdout, "AdamW")
	table := cradio("bench", "table", kept)
	table.succeeds(t)
	require.True(t, strings.HasPrefix(o.stdout, table.stdout), "the same table, then the profile")
	if runtime.GOOS == "linux" {
		require.Contains(t, table.stdout, "Peak memory of the process, MB")
	}
}

func TestBenchUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--case", "B:224"}, "want MODEL:SIZE:BATCH"},
		{[]string{"--case", "B:x:1"}, "want MODEL:SIZE:BATCH"},
		{[]string{"--model", "X"}, `no synthetic model "X"`},
		{[]string{"--size", "225"}, "225"},
		{[]string{"--batch", "0"}, "batch is 0"},
		{[]string{"--threads", "0"}, "--threads 0"},
		{[]string{"--rounds", "0"}, "--rounds 0"},
		{[]string{"--dtype", "float8"}, `dtype is "float8"`},
		{[]string{"--starts", "1"}, "give --peers too"},
		{[]string{"--starts", "1", "--grad", "--peers"}, "leave out --grad"},
		{[]string{"--starts", "1", "--train", "all", "--peers"}, "leave out --grad and --train"},
		{[]string{"--train", "all", "--grad"}, "give --grad or --train"},
		{[]string{"--train", "first2"}, `training "first2": want all, or last4`},
		{[]string{"--train", "last0"}, `training "last0": want all, or last4`},
		{[]string{"--train", "last5", "--case", "nano:32:1"}, "training last5: nano has 3 blocks"},
		{[]string{"--recompute"}, "give --train too"},
		{[]string{"--profile=all"}, "--profile=all: must be kinds or each"},
		{[]string{"--peers", "--profile"}, "leave out --peers"},
		{[]string{"--device", "tpu"}, "--device tpu: not available"},
		{[]string{"--peers=torch-cuda", "--rounds", "1"}, `no peer "torch-cuda"`},
		{[]string{"--peers=numpy", "--rounds", "1"}, `no peer "numpy"`},
	} {
		cradio(append([]string{"bench"}, c.args...)...).fails(t, exitError, c.want)
	}
	cradio("bench", "table", file(t, "bad.json", []byte("{"))).fails(t, exitError, "bad.json")
}

// info and bench count the same work.
func TestBenchCountsAsInfo(t *testing.T) {
	for _, name := range radio.SyntheticNames() {
		c := bench.Case{Model: name, Size: 224, Batch: 1}
		got, err := bench.FLOPs(c)
		require.NoError(t, err)
		require.Equal(t, float64(infoOf(t, "-m", radio.SyntheticPrefix+name, "-s", "224").Cost.FLOPs), got, name)
	}
}
