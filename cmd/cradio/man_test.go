package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	cradio("man", "--out", dir).succeeds(t)
	for page, says := range map[string]string{"cradio.1": "HF_HUB_CACHE", "cradio-embed.1": `\-\-max\-pixels`, "cradio-pull.1": "HF_TOKEN"} {
		data, err := os.ReadFile(filepath.Join(dir, page))
		require.NoError(t, err)
		require.Contains(t, string(data), says)
	}
	cradio("man").fails(t, exitError, "--out is missing")
}
