package token

import (
	"encoding/json"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Framed, cut and padded, as the towers get them: long, empty and odd texts.
func TestRecordedFrames(t *testing.T) {
	f, err := loader.OpenFile("../../../conformance/text/tokens/assembled.safetensors")
	require.NoError(t, err)
	defer f.Close()
	var texts []string
	require.NoError(t, json.Unmarshal([]byte(f.Metadata()["texts"]), &texts))
	require.Len(t, texts, 54)
	for name, of := range map[string]*Tokenizer{
		"clip":    CLIP(),
		"siglip":  read(t, "siglip/tokenizer.json", KindSigLIP),
		"siglip2": read(t, "siglip2/tokenizer.model", KindSigLIP2),
	} {
		want, err := f.Int64(name, len(texts), of.Length())
		require.NoError(t, err)
		cut := 0
		for n, text := range texts {
			got, err := of.Encode(text)
			require.NoError(t, err)
			for i, id := range want[n*of.Length():][:of.Length()] {
				require.EqualValues(t, id, got.IDs[i], "%s: %.60q, id %d", name, text, i)
			}
			pieces, err := of.Pieces(text)
			require.NoError(t, err)
			assert.Equal(t, len(pieces)+of.Special() > of.Length(), got.Cut, "%s: %.60q", name, text)
			if got.Cut {
				cut++
			}
		}
		assert.NotZero(t, cut, name)
	}
}
