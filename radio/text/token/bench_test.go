package token

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Texts a second on one core: prompts and labels, as zero-shot classifiers have them.
func BenchmarkEncode(b *testing.B) {
	var texts []string
	for _, r := range records(b) {
		if r.Kind == "prompt" || r.Kind == "label" {
			texts = append(texts, r.Text)
		}
	}
	for name, of := range map[string]*Tokenizer{
		"clip":    CLIP(),
		"siglip":  read(b, "siglip/spiece.model", KindSigLIP),
		"siglip2": read(b, "siglip2/tokenizer.model", KindSigLIP2),
	} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				_, err := of.Encode(texts[i%len(texts)])
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
		})
	}
}
