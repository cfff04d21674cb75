package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClassesThatArePairs: who trains a classifier on images and their masks or depth maps is told so; on classes, not.
func TestClassesThatArePairs(t *testing.T) {
	for kind, want := range map[string]string{"masks": "cradio train segment learns masks", "depth": "cradio train depth learns depth maps", "labels": ""} {
		dir := filepath.Join(t.TempDir(), kind)
		cradio("eval", "generate", dir, "--kind", kind, "--each", "4", "--pixels", "32").succeeds(t)
		o := cradio(trainOnNano("classify", dir, "--out", filepath.Join(t.TempDir(), "run"), "--plan")...)
		o.succeeds(t)
		if want == "" {
			require.NotContains(t, o.stderr, "pairs with")
			continue
		}
		require.Contains(t, o.stderr, " pairs with ")
		require.Contains(t, o.stderr, "here the folders are classes; "+want+"\n")
	}
}
