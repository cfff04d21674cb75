package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShown(t *testing.T) {
	for name, want := range map[string]string{
		"a b.png": "a b.png", "ünï 照片 😀.png": "ünï 照片 😀.png", `quo"te\.png`: `quo"te\.png`,
		"a\nb": `"a\nb"`, "\x1b[31m": `"\x1b[31m"`, "a\xffb": `"a\xffb"`, "gnp.\u202eexe": `"gnp.\u202eexe"`, "\u0085": `"\u0085"`, "a\tb": `"a\tb"`,
	} {
		require.Equal(t, want, shown(name))
	}
	require.Equal(t, "one\ntwo\\x1b \ufffd\\xff", escaped("one\ntwo\x1b \ufffd\xff", true))
	require.Equal(t, `one\ntwo`, escaped("one\ntwo", false))
	require.Equal(t, "open x\\ny: no\nsecond", escapedWith("open x\ny: no\nsecond", []string{"--out=x\ny"}))
}

// TestNamesAreEscaped: wherever a name comes from, no message sends it to the terminal as it is.
func TestNamesAreEscaped(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this system has no such names")
	}
	const evil = "x\x1b[2J\n\u202egnp\xff.png"
	dir := filepath.Join(t.TempDir(), evil)
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, evil), read(t, picture("gray.jpg")), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bad"+evil), []byte("hello"), 0o644))
	require.NoError(t, os.Symlink("none", filepath.Join(dir, "broken"+evil)))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x."+evil[:5]), nil, 0o644))
	list := filepath.Join(dir, "list"+evil)
	require.NoError(t, os.WriteFile(list, []byte("\x00"), 0o644))
	for _, args := range [][]string{
		{"embed", dir, "-s", "16"}, {"embed", dir, "-s", "16", "--json"}, {"embed", dir, "-s", "16", "--strict"},
		{"embed", dir, "-s", "16", "-o", filepath.Join(dir, "out"+evil+".npz")}, {"embed", dir, "-s", "16", "-o", filepath.Join(dir, "out"+evil+".jsonl")},
		{"embed", dir, "-s", "16", "-o", filepath.Join(dir, "out"+evil+".jsonl"), "--resume"},
		{"embed", filepath.Join(dir, "none"+evil)}, {"embed", "@" + list}, {"embed", "@" + list + "none"}, {"embed", dir + "/q*" + evil},
		{"embed", "--out=" + evil, picture("gray.jpg")}, {"embed", picture("gray.jpg"), "-m", evil}, {evil}, {"embed", "--" + evil},
		{"embed", picture("gray.jpg"), "--layout", evil}, {"pca", filepath.Join(dir, evil), "-s", "32", "-o", filepath.Join(dir, "p"+evil)},
		{"bench", "--json", "no\x1b\n/" + evil}, {"bench", "table", evil}, {"info", "-m", evil},
	} {
		full := args
		if args[0] == "embed" && len(args) > 1 && args[len(args)-2] != "-m" || args[0] == "pca" {
			full = nano(args...)
		}
		o := cradio(full...)
		for _, text := range []string{o.stdout, o.stderr} {
			require.NotContains(t, text, "\x1b", "%q", args)
			require.NotContains(t, text, "\u202e", "%q", args)
			require.NotContains(t, text, "\xff", "%q", args)
			require.NotContains(t, text, "\n\\u202e", "%q", args)
		}
	}
}

// full fails every write after the first few bytes.
type full struct {
	err  error
	room int
}

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return 0, f.err
	}
	f.room -= len(p)
	return len(p), nil
}

// TestEveryWriteCounts: no command ends with success when what it prints is lost.
func TestEveryWriteCounts(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.json")
	cradio("bench", "--case", "nano:32:1", "--rounds", "1", "--limit", "1s", "--json", report).succeeds(t)
	for _, args := range [][]string{
		{"version"}, {"version", "--json"}, {"help"}, {}, {"help", "embed"}, {"embed", "--help"}, {"completion", "bash"}, {"completion", "zsh"},
		{"completion", "fish"}, {"completion", "powershell"}, nano("info"), nano("info", "--plan"), nano("info", "--json"),
		nano("embed", picture("gray.jpg"), "-s", "16"), nano("embed", picture("gray.jpg"), "-s", "16", "--json"),
		nano("embed", picture("gray.jpg"), "-s", "16", "--json", "-o", filepath.Join(t.TempDir(), "x.npz")),
		nano("pca", picture("gray.jpg"), "-s", "32", "-o", filepath.Join(t.TempDir(), "x.png")),
		{"synth", "nano", "--force", "-o", filepath.Join(t.TempDir(), "ck")}, {"bench", "table", report},
	} {
		for _, room := range []int{0, 10} {
			var stderr strings.Builder
			code := run(t.Context(), newRoot(), args, strings.NewReader(""), &full{syscall.ENOSPC, room}, &stderr)
			outcome{stderr: stderr.String(), code: code}.fails(t, exitError, "standard output: no space left on device: the output is incomplete")
			require.Equal(t, 1, strings.Count(stderr.String(), "standard output:"))
		}
		for _, err := range []error{syscall.EPIPE, io.ErrClosedPipe} {
			var stderr strings.Builder
			code := run(t.Context(), newRoot(), args, strings.NewReader(""), &full{err, 0}, &stderr)
			require.Equal(t, exitClosedPipe, code, args)
			require.NotContains(t, stderr.String(), "pipe")
		}
	}
	var stderr strings.Builder
	code := run(t.Context(), newRoot(), nano("embed", picture("gray.jpg"), "none.png", "-s", "16"), nil, &full{errors.New("EIO"), 0}, &stderr)
	require.Equal(t, exitError, code)
	require.Contains(t, stderr.String(), "standard output: EIO")
}

// TestEmptyFlags: a variable of a shell that is not set is no value.
func TestEmptyFlags(t *testing.T) {
	for flag, args := range map[string][]string{
		"out":           nano("embed", picture("gray.jpg"), "-o", ""),
		"model":         {"embed", picture("gray.jpg"), "--model="},
		"packs":         nano("embed", picture("gray.jpg"), "--packs", ""),
		"intermediates": nano("embed", picture("gray.jpg"), "--intermediates", ""),
		"json":          {"bench", "--json", ""},
		"pprof":         {"bench", "--pprof", ""},
	} {
		cradio(args...).fails(t, exitError, `--`+flag+` "": is empty; give a value, or leave the flag out`)
	}
	cradio("pca", picture("gray.jpg"), "-o", "").fails(t, exitError, `--out "": is empty`)
}

// TestOutputsAreCheckedFirst: before a model is opened or anything is measured.
func TestOutputsAreCheckedFirst(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"bench", "--json", filepath.Join(dir, "no", "x.json")}, {"bench", "--pprof", filepath.Join(dir, "no", "x.pprof")},
		{"embed", picture("gray.jpg"), "-o", filepath.Join(dir, "no", "x.npz")}, {"pca", picture("gray.jpg"), "-o", filepath.Join(dir, "no", "x.png")},
	} {
		o := cradio(args...)
		o.fails(t, exitError, "there is no folder "+filepath.Join(dir, "no")+"; make it first")
		require.NotContains(t, o.stderr, "warning")
	}
	cradio("bench", "--json", dir).fails(t, exitError, "is a folder; choose the name of a file")
	image := file(t, "a.png", read(t, picture("rgba.png")))
	cradio(nano("pca", image, "-o", image)...).fails(t, exitError, "is the image itself; choose another name")
	require.Empty(t, left(t, dir))
}

// TestAlpha: on white or dropped.
func TestAlpha(t *testing.T) {
	args := nano("embed", picture("rgba.png"), "-s", "32", "--json")
	white, drop := cradio(args...), cradio(append(args, "--alpha", "drop")...)
	drop.succeeds(t)
	require.NotEqual(t, lines(t, white.stdout)[0].Summary, lines(t, drop.stdout)[0].Summary)
	require.Equal(t, white.stdout, cradio(append(args, "--alpha", "white")...).stdout)
	opaque := nano("embed", picture("gray.jpg"), "-s", "32", "--json")
	require.Equal(t, cradio(opaque...).stdout, cradio(append(opaque, "--alpha", "drop")...).stdout)
	cradio(append(args, "--alpha", "black")...).fails(t, exitError, "--alpha black: must be white or drop")
	out := filepath.Join(t.TempDir(), "x.png")
	cradio(nano("pca", picture("rgba.png"), "-s", "32", "-o", out)...).succeeds(t)
	onWhite := read(t, out)
	cradio(nano("pca", picture("rgba.png"), "-s", "32", "-o", out, "--alpha", "drop")...).succeeds(t)
	require.NotEqual(t, onWhite, read(t, out))
}

// TestMaxPixelsIsNamed: the flag, and not the library's field.
func TestMaxPixelsIsNamed(t *testing.T) {
	for _, args := range [][]string{{"embed", picture("gray.jpg"), "--max-pixels", "100"}, {"embed", file(t, "bomb.png", bomb())}, {"embed", "-"}} {
		o := cradioWith(t.Context(), string(bomb()), nano(args...)...)
		o.fails(t, exitFailed, "1 of 1 image failed")
		require.Contains(t, o.stderr, "raise --max-pixels")
		require.NotContains(t, o.stderr, "DecodeOptions")
	}
	out := filepath.Join(t.TempDir(), "x.png")
	cradio(nano("pca", picture("gray.jpg"), "-o", out, "--max-pixels", "100")...).fails(t, exitError, "raise --max-pixels")
}
