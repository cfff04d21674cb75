package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTrainingWalk: every command of the README of training does what it says, offline. One is stopped.
func TestTrainingWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	text, err := os.ReadFile("../../radio/train/README.md")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	ran, stopped := 0, 0
	for _, line := range shellLines(string(text)) {
		line, ours := strings.CutPrefix(line, "cradio ")
		require.True(t, ours, line)
		line, note, _ := strings.Cut(line, " #")
		ran++
		if !strings.Contains(note, "Ctrl-C") {
			cradio(strings.Fields(line)...).succeeds(t)
			continue
		}
		o := interruptedAt(t, "cradio: epoch 1: ", strings.Fields(line)...)
		o.fails(t, exitInterrupted, "to go on, give the same command with --resume")
		stopped++
	}
	require.Equal(t, 1, stopped)
	require.Greater(t, ran, 9)
	for _, name := range []string{"answers.csv", "shapes-run/confusion.png", "shapes-run/curves.png", "overlays/circle-0005.png", "overlays/circle-0005-overlay.png", "tuned/model/model.safetensors"} {
		require.FileExists(t, filepath.FromSlash(name))
	}
}
