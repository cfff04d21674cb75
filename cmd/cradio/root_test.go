package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

func TestAloneShowsHelp(t *testing.T) {
	o := cradio()
	o.succeeds(t)
	require.Contains(t, o.stdout, "cradio embed photo.jpg --model nvidia/C-RADIOv2-B")
	require.Contains(t, o.stdout, "Available Commands:")
	require.Contains(t, cradio("help", "embed").stdout, "Exit status:")
}

func TestUnknownCommandAndFlag(t *testing.T) {
	cradio("embde").fails(t, exitError, `no command "embde" (did you mean embed?); see 'cradio --help'`)
	cradio("embed", "--sise", "3", "x.jpg").fails(t, exitError, "unknown flag: --sise (did you mean --size?); see 'cradio embed --help'")
	cradio("embed", "--frobnicate", "x.jpg").fails(t, exitError, "unknown flag: --frobnicate; see 'cradio embed --help'")
	cradio("embed", "--quite", "x.jpg").fails(t, exitError, "(did you mean --quiet?)")
	cradio("embed", "-y", "x.jpg").fails(t, exitError, "unknown shorthand flag: 'y' in -y; see 'cradio embed --help'")
	cradio("bench", "tabel", "x.json").fails(t, exitError, `no command "tabel" (did you mean table?); see 'cradio bench --help'`)
	cradio(picture("gray.jpg")).fails(t, exitError, "(did you mean cradio embed "+picture("gray.jpg")+"?)")
	cradio("info", "extra").fails(t, exitError, "extra")
	cradio("version", "--log-level", "loud").fails(t, exitError, "--log-level loud: must be debug, info, warn or error")
}

// TestExamplesParse: every example of every help is a command line that exists.
func TestExamplesParse(t *testing.T) {
	var visit func(c *cobra.Command)
	seen := 0
	visit = func(c *cobra.Command) {
		for line := range strings.Lines(c.Example + "\n" + c.Long) {
			_, line, found := strings.Cut(line, "  cradio ")
			if !found {
				continue
			}
			line, _, _ = strings.Cut(line, "   ") // what is said of it
			for part := range strings.SplitSeq(line, "&&") {
				part, _, _ = strings.Cut(part, ">")
				words := strings.Fields(strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(part), "cradio "), "'", ""))
				command, rest, err := newRoot().Find(words)
				require.NoError(t, err, line)
				require.NoError(t, command.ParseFlags(rest), line)
				require.NoError(t, command.ValidateArgs(command.Flags().Args()), line)
				seen++
			}
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(newRoot())
	require.Greater(t, seen, 15)
}

// TestEveryCommandTeaches: a sentence, an explanation and an example each.
func TestEveryCommandTeaches(t *testing.T) {
	for _, c := range newRoot().Commands() {
		require.NotEmpty(t, c.Short, c.Name())
		require.NotEmpty(t, c.Long, c.Name())
		if c.HasFlags() && c.Name() != "version" {
			require.NotEmpty(t, c.Example, c.Name())
		}
	}
}

func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"embed", "--model", "synthetic:"}, []string{"synthetic:nano", "synthetic:B", "synthetic:L", "synthetic:H", "synthetic:g"}},
		{[]string{"embed", "--model", "../../conformance/checkpoints/hub"}, []string{"../../conformance/checkpoints/hub", "../../conformance/checkpoints/hub-sharded"}},
		{[]string{"embed", "--layout", ""}, []string{"nlc", "nchw"}},
		{[]string{"embed", "--dtype", ""}, []string{"float32", "bfloat16", "int8", "float64"}},
		{[]string{"embed", "--model", "../../conformance/checkpoints/hub", "--adaptor", ""}, []string{"clip", "sam"}},
		{[]string{"embed", ""}, []string{"jpg", "webp"}},
		{[]string{"pca", "--out", ""}, []string{"png"}},
		{[]string{"synth", ""}, []string{"nano", "B"}},
	} {
		o := cradio(append([]string{"__complete"}, c.args...)...)
		o.succeeds(t)
		for _, want := range c.want {
			require.Contains(t, strings.Split(o.stdout, "\n"), want, c.args)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		o := cradio("completion", shell)
		o.succeeds(t)
		require.Contains(t, o.stdout, "cradio")
	}
}

func TestVersion(t *testing.T) {
	o := cradio("version")
	o.succeeds(t)
	require.Regexp(t, `^cradio .*\ngo1\..*threads, level`, o.stdout)
	o = cradio("version", "--json")
	o.succeeds(t)
	var v version
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &v))
	require.NotEmpty(t, v.Go)
	require.NotEmpty(t, v.Level)
	require.Len(t, v.Buys, 2)
	for dtype, buys := range v.Buys {
		require.Regexp(t, dtype+` +`+regexp.QuoteMeta(buys), cradio("version").stdout)
	}
}

func TestVersionFlag(t *testing.T) {
	require.Equal(t, cradio("version").stdout, cradio("--version").stdout)
}

// TestQuiet: warnings and errors stay.
func TestQuiet(t *testing.T) {
	dir := t.TempDir()
	for _, words := range [][]string{
		nano("embed", picture("gray.jpg"), "-q"),
		nano("embed", picture("gray.jpg"), "-q", "--out", filepath.Join(dir, "a.npz")),
		nano("pca", picture("gray.jpg"), "-q", "--json", "--out", filepath.Join(dir, "a.png")),
	} {
		o := cradio(words...)
		o.succeeds(t)
		require.Equal(t, "cradio: warning: synthetic:nano has synthetic weights: the features carry no meaning; give --model the name or the folder of a checkpoint\n", o.stderr)
	}
}

func TestDTypeAliases(t *testing.T) {
	for alias, name := range map[string]string{"bf16": "bfloat16", "FP32": "float32", "i8": "int8"} {
		want := cradio("info", "-m", "synthetic:nano", "--dtype", name)
		want.succeeds(t)
		require.Equal(t, want.stdout, cradio("info", "-m", "synthetic:nano", "--dtype", alias).stdout)
	}
}
