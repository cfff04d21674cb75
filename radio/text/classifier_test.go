package text

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"cradio/radio/text/token"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Upstream's protocol, from texts to probabilities.
func TestClassifierReference(t *testing.T) {
	for name, tokens := range map[string]func(t *testing.T) *token.Tokenizer{
		"clip": func(*testing.T) *token.Tokenizer { return token.CLIP() },
		"siglip2": func(t *testing.T) *token.Tokenizer {
			return vocabulary(t, "siglip2/tokenizer.model", token.KindSigLIP2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBundle(t, "zeroshot/"+name)
			tok := tokens(t)
			var classes, templates []string
			require.NoError(t, json.Unmarshal([]byte(b.Metadata()["classes"]), &classes))
			require.NoError(t, json.Unmarshal([]byte(b.Metadata()["templates"]), &templates))
			tower, err := Synthetic(b.config, tok, Options{Seed: b.seed(t)})
			require.NoError(t, err)
			defer tower.Close()
			for i, class := range classes {
				for j, template := range templates {
					e, err := tok.Encode(Prompt(template, class))
					require.NoError(t, err)
					assert.Equal(t, b.ids[i*len(templates)+j], e.IDs)
				}
			}
			done := 0
			c, err := NewClassifier(context.Background(), tower, classes, templates, func(n int) { done = n })
			require.NoError(t, err)
			assert.Equal(t, len(classes), done)

			var transposed []float32 // (E, K), as recorded
			for e := range c.Embed {
				for k := range classes {
					transposed = append(transposed, c.Weights[k*c.Embed+e])
				}
			}
			assert.LessOrEqual(t, b.ratio(t, "float32", "classifier", transposed), 1.25)

			summaries, err := b.Float32("summary", 4, c.Embed)
			require.NoError(t, err)
			cosine, probability := b.truth(t, "similarity"), b.truth(t, "softmax")
			if c.Logits.Sigmoid {
				probability = b.truth(t, "sigmoid")
			}
			for row := range 4 {
				got, err := c.Cosines(summaries[row*c.Embed:][:c.Embed])
				require.NoError(t, err)
				p := c.Logits.Probabilities(got)
				for k := range classes {
					assert.InDelta(t, cosine[row*len(classes)+k], got[k], 1e-6)
					assert.InDelta(t, probability[row*len(classes)+k], p[k], 5e-6) // its logits are 100 × the cosines
				}
			}
		})
	}
}

func TestClassifierRefuses(t *testing.T) {
	tower, err := Synthetic(tiny, token.CLIP(), Options{})
	require.NoError(t, err)
	defer tower.Close()
	ctx := context.Background()
	for _, c := range []struct {
		classes, templates []string
		want               string
	}{
		{nil, nil, "there are no classes"},
		{[]string{"a", " "}, nil, "class 2 has no name"},
		{[]string{"a", "b", "a"}, nil, `classes 1 and 3 are both "a"`},
		{[]string{"a\xff"}, nil, "class 1, \"a\\xff\", is not UTF-8"},
		{[]string{"a"}, []string{"a photo"}, `template 1, "a photo", has no {}`},
	} {
		_, err := NewClassifier(ctx, tower, c.classes, c.templates, nil)
		require.ErrorContains(t, err, c.want)
	}
	c, err := NewClassifier(ctx, tower, []string{"a", "b"}, nil, nil)
	require.NoError(t, err)
	_, err = c.Cosines(make([]float32, 7))
	require.ErrorContains(t, err, "the summary has 7 elements, the texts 6")
	p := c.Logits.Probabilities([]float64{1, 1})
	assert.InDeltaSlice(t, []float64{0.5, 0.5}, p, 1e-12)

	canceled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = NewClassifier(canceled, tower, []string{"a"}, nil, nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestTop(t *testing.T) {
	assert.Equal(t, []int{2, 0, 3}, Top([]float64{2, 1, 5, 2}, 3))
	assert.Equal(t, []int{0}, Top([]float64{1}, 5))
}

func TestTemplates(t *testing.T) {
	for set, n := range map[string]int{"openai": 80, "simple": 7, "base": 1} {
		list, err := Templates(set)
		require.NoError(t, err)
		assert.Len(t, list, n)
		assert.NoError(t, checkClasses([]string{"x"}, list))
		slices.Sort(list)
		assert.Len(t, slices.Compact(list), n)
	}
	_, err := Templates("none")
	require.ErrorContains(t, err, `"none", want one of openai, simple, base`)
}
