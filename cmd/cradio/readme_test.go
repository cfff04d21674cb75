package main

import (
	"cradio/radio/image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadme: every command of the README does what it says, offline, beside a hub of the test
// that has a small model under NVIDIA's name.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	images, err := filepath.Abs(filepath.Dir(picture("gray.jpg")))
	require.NoError(t, err)
	shown, err := filepath.Abs("readme")
	require.NoError(t, err)
	serveModel(t)
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.MkdirAll("photos", 0o755))
	require.NoError(t, os.MkdirAll("conformance", 0o755))
	require.NoError(t, os.Symlink(images, filepath.Join("conformance", "images")))
	require.NoError(t, os.Symlink(filepath.Join(filepath.Dir(images), "checkpoints"), filepath.Join("conformance", "checkpoints")))
	require.NoError(t, os.Symlink(filepath.Dir(filepath.Dir(filepath.Dir(shown)))+"/bench", "bench"))
	require.NoError(t, os.Symlink(filepath.Dir(filepath.Dir(filepath.Dir(shown)))+"/radio", "radio"))
	for to, from := range map[string]string{"photo.jpg": "chelsea.jpg", "photos/a.jpg": "gray.jpg", "photos/b.png": "astronaut.png"} {
		data, err := os.ReadFile(filepath.Join(images, from))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(to, data, 0o644))
	}
	ran := 0
	for _, line := range shellLines(string(text)) {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "go run ./cmd/"), "./")
		args, ours := strings.CutPrefix(line, "cradio ")
		if !ours || strings.HasPrefix(args, "conformance") { // which is a test of its own
			continue
		}
		args, _, _ = strings.Cut(args, " #")
		words := strings.Fields(args)
		if testing.Short() && words[0] != "bench" && !slices.Contains(words, "--model") && slices.Contains(words, "--out") {
			words = append(words, "--model", "synthetic:nano")
		}
		cradio(words...).succeeds(t)
		ran++
	}
	require.Greater(t, ran, 4)
	require.FileExists(t, "embeddings.npz")
	plot, err := os.ReadFile("speed.svg")
	require.NoError(t, err)
	want, err := os.ReadFile(filepath.Join(shown, "speed.svg"))
	require.NoError(t, err)
	require.Equal(t, string(want), string(plot), "make it again with README's command")
	if testing.Short() { // then these are of the small model
		return
	}
	for _, name := range []string{"pca.png", "similar.png"} {
		got, err := image.DecodeFile(name, image.DecodeOptions{})
		require.NoError(t, err)
		want, err := image.DecodeFile(filepath.Join(shown, name), image.DecodeOptions{})
		require.NoError(t, err)
		require.Equal(t, []int{want.H, want.W}, []int{got.H, got.W}, name)
		difference := 0
		for i := range want.Pix {
			difference += max(int(want.Pix[i]), int(got.Pix[i])) - min(int(want.Pix[i]), int(got.Pix[i]))
		}
		require.Less(t, float64(difference)/float64(len(want.Pix)), 1.0, "%s: make it anew with README's command", name)
	}
}

// shellLines are the lines of the blocks of a Markdown text that are marked as commands.
func shellLines(text string) (lines []string) {
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "```sh":
			inside = true
		case line == "```":
			inside = false
		case inside && line != "":
			lines = append(lines, line)
		}
	}
	return lines
}
