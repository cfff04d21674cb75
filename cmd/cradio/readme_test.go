package main

import (
	"os"
	"path/filepath"
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
	serveModel(t)
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.MkdirAll("photos", 0o755))
	require.NoError(t, os.MkdirAll("conformance", 0o755))
	require.NoError(t, os.Symlink(images, filepath.Join("conformance", "images")))
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
		cradio(strings.Fields(args)...).succeeds(t)
		ran++
	}
	require.Greater(t, ran, 4)
	require.FileExists(t, "embeddings.npz")
	require.FileExists(t, "pca.png")
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
