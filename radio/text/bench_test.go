package text

import (
	"context"
	"testing"

	"cradio/radio"
	"cradio/radio/text/token"

	"github.com/stretchr/testify/require"
)

// published are the towers of the adaptors clip and siglip, in full size.
var published = map[string]*Config{
	"clip": {Width: 1024, Heads: 16, Depth: 24, Hidden: 4096, Context: 77, Vocabulary: 49408, Embed: 1024,
		Activation: QuickGELU, Eps: 1e-5, Causal: true, Pool: PoolLargest},
	"siglip": {Width: 1152, Heads: 16, Depth: 27, Hidden: 4304, Context: 64, Vocabulary: 32000, Embed: 1152,
		Activation: ExactGELU, Eps: 1e-6, Pool: PoolLast, ProjectionBias: true},
}

// A class's 80 prompts through a tower of synthetic weights, from ids; its weights are packed
// before. bench/peers/text.py runs it beside open_clip. SigLIP's ids are CLIP's, below its
// vocabulary: what they are makes no difference.
func BenchmarkPrompts(b *testing.B) {
	templates, err := Templates("openai")
	require.NoError(b, err)
	for name, c := range published {
		for _, dtype := range []radio.DType{radio.Float32, radio.BFloat16, radio.Int8} {
			b.Run(name+"/"+string(dtype), func(b *testing.B) {
				tower, err := Synthetic(c, nil, Options{DType: dtype, Batch: len(templates)})
				require.NoError(b, err)
				defer tower.Close()
				tokens, err := token.CLIP().WithLength(c.Context)
				require.NoError(b, err)
				var ids [][]int32
				for _, template := range templates {
					e, err := tokens.Encode(Prompt(template, "golden retriever"))
					require.NoError(b, err)
					for i := range e.IDs {
						e.IDs[i] %= int32(c.Vocabulary)
					}
					ids = append(ids, e.IDs)
				}
				run := func() {
					_, err := tower.EncodeIDs(context.Background(), ids)
					require.NoError(b, err)
				}
				run()
				for b.Loop() {
					run()
				}
			})
		}
	}
}
