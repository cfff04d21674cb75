package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The committed files are what the generator writes.
func TestGenerated(t *testing.T) {
	for name, want := range generated() {
		got, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		require.True(t, string(got) == want, "%s is not what the generator writes: run go generate ./cpu/internal/kernel", name)
	}
}
