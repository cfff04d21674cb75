package conformance_test

import (
	"strings"
	"testing"

	"cradio/conformance"

	"github.com/stretchr/testify/require"
)

// TestNestedSuiteIsLeftOut: train/ has a MANIFEST.json of its own.
func TestNestedSuiteIsLeftOut(t *testing.T) {
	s, err := conformance.Open(".")
	require.NoError(t, err)
	for _, b := range s.Bundles {
		require.False(t, strings.HasPrefix(b.Name, "train/"), b.Name)
	}
}
