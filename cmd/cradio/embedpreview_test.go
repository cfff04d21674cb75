package main

import (
	"strings"
	"testing"

	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// TestPreview: a line for two rows of patches, the same for both layouts.
func TestPreview(t *testing.T) {
	m, err := radio.Open(t.Context(), "synthetic:nano", radio.Options{})
	require.NoError(t, err)
	defer m.Close()
	enc := radio.NewEncoder(m)
	require.NoError(t, enc.Size.Set("80x64"))
	var texts []string
	for _, enc.Request.Layout = range []radio.Layout{radio.NLC, radio.NCHW} {
		err := enc.Stream(t.Context(), []radio.Input{enc.File(picture("chelsea.jpg"))}, func(r radio.Result) error {
			require.NoError(t, r.Err)
			text, err := preview(r, true)
			texts = append(texts, text)
			return err
		})
		require.NoError(t, err)
	}
	require.Equal(t, texts[0], texts[1])
	require.Equal(t, 3, strings.Count(texts[0], "\n"))
	require.Equal(t, 3*4, strings.Count(texts[0], "▀"))
}

// TestPreviewNeedsTerminal: what is not read by a person has no colours.
func TestPreviewNeedsTerminal(t *testing.T) {
	o := cradio(nano("embed", picture("chelsea.jpg"), "--size", "48x64")...)
	o.succeeds(t)
	require.NotContains(t, o.stdout, "\x1b")
	require.NotContains(t, o.stdout, "▀")
}
