package token

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mojibake are the recorded texts, by number, that only ftfy's repair of wrong encodings
// mends. Their ids of CLIP and SigLIP differ.
var mojibake = []int{272, 273, 274, 275, 276, 277, 1544, 1597, 1685, 1714, 1869, 1928, 2058, 2688}

func TestRecordedTexts(t *testing.T) {
	list := records(t)
	require.Len(t, list, 2944)
	var broken []int
	for n, r := range list {
		if r.Mojibake {
			broken = append(broken, n)
		}
	}
	assert.Equal(t, mojibake, broken)
	for _, c := range []struct {
		name   string
		of     *Tokenizer
		want   func(record) []int32
		exempt bool // texts that ftfy's repair mends
	}{
		{"clip", CLIP(), func(r record) []int32 { return r.Clip }, true},
		{"siglip, tokenizer.json", read(t, "siglip/tokenizer.json", KindSigLIP), func(r record) []int32 { return r.Siglip }, true},
		{"siglip, spiece.model", read(t, "siglip/spiece.model", KindSigLIP), func(r record) []int32 { return r.Siglip }, true},
		{"siglip2, tokenizer.json", read(t, "siglip2/tokenizer.json", KindSigLIP2), func(r record) []int32 { return r.Siglip2 }, false},
		{"siglip2, tokenizer.model", read(t, "siglip2/tokenizer.model", KindSigLIP2), func(r record) []int32 { return r.Siglip2 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for n, r := range list {
				if c.exempt && r.Mojibake {
					continue
				}
				pieces, err := c.of.Pieces(r.Text)
				require.NoError(t, err)
				got := make([]int32, 0, len(pieces))
				for _, p := range pieces {
					got = append(got, p.ID)
				}
				want := c.want(r)
				if want == nil {
					want = []int32{}
				}
				assert.Equal(t, want, got, "text %d, %s: %+q", n, r.Kind, r.Text)
			}
		})
	}
}

func TestRecordedCleaning(t *testing.T) {
	for n, r := range records(t) {
		if !r.Mojibake {
			assert.Equal(t, r.ClipClean, KindCLIP.Clean(r.Text), "text %d: %+q", n, r.Text)
			want := r.Canonical
			if r.CanonicalFtfy != nil {
				want = *r.CanonicalFtfy
			}
			assert.Equal(t, want, KindSigLIP.Clean(r.Text), "text %d: %+q", n, r.Text)
		}
		assert.Equal(t, r.Canonical, KindSigLIP2.Clean(r.Text), "text %d: %+q", n, r.Text)
	}
}

// Bytes that are not UTF-8 are read as Python's errors="replace" reads them.
func TestRecordedBytes(t *testing.T) {
	n := 0
	for _, r := range records(t) {
		if r.Bytes == "" {
			continue
		}
		n++
		raw, err := hex.DecodeString(r.Bytes)
		require.NoError(t, err)
		for _, of := range []*Tokenizer{CLIP(), read(t, "siglip2/tokenizer.json", KindSigLIP2)} {
			want, err := of.Encode(r.Text)
			require.NoError(t, err)
			got, err := of.Encode(string(raw))
			require.NoError(t, err)
			assert.Equal(t, want, got, "% x", raw)
		}
	}
	assert.Equal(t, 15, n)
}
