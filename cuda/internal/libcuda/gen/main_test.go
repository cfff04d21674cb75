package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is committed is what gen writes.
func TestGenerated(t *testing.T) {
	text, err := os.ReadFile("../symbols.txt")
	require.NoError(t, err)
	symbols := strings.Fields(string(text))
	require.True(t, slices.IsSorted(symbols))
	require.NotContains(t, symbols, "cuInit", "which table.c defines")
	for name, want := range files(symbols) {
		found, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		require.Equal(t, want, string(found), "%s: go generate ./cuda/internal/libcuda", name)
	}
}
