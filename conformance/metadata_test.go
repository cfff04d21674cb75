package conformance

import (
	"os"
	"testing"

	"cradio/conformance/internal/metadata"

	"github.com/stretchr/testify/require"
)

// TestOwnFacts: what the bundles of this folder say of themselves can be carried out.
func TestOwnFacts(t *testing.T) {
	for _, name := range []string{"nano/base-16x16", "nano/base-intermediates", "nano/deep-64x128-window2-period7", "images/processed"} {
		file, err := openTensors(name + compressedSuffix)
		require.NoError(t, err)
		read, err := metadata.ParseFacts(file.Metadata())
		require.NoError(t, err)
		b := &Bundle{facts: read}
		require.NoError(t, b.parseConfig())
		_, err = (&run{}).options(b, modelOptions{})
		require.NoError(t, err)
		for _, c := range read.Calls {
			_, err := request(c)
			require.NoError(t, err)
		}
		require.NoError(t, file.Close())
	}
}

// The manifest of the project is one that the parser takes.
func TestOwnManifest(t *testing.T) {
	data, err := os.ReadFile(manifestName)
	require.NoError(t, err)
	m, err := metadata.ParseManifest(data)
	require.NoError(t, err)
	require.Contains(t, m, "nano/base-48x96")
}
