package token

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Any bytes become exactly Length ids of the vocabulary.
func FuzzEncode(f *testing.F) {
	for _, r := range records(f)[:400] {
		f.Add(r.Text)
	}
	f.Add("&amp;amp;amp;lt;<end_of_text> \xff\xfe İΣ ﬁ \u0345'ſ")
	list := []*Tokenizer{CLIP(), read(f, "siglip/spiece.model", KindSigLIP), read(f, "siglip2/tokenizer.model", KindSigLIP2)}
	f.Fuzz(func(t *testing.T, text string) {
		for _, of := range list {
			e, err := of.Encode(text)
			require.NoError(t, err)
			if len(e.IDs) != of.Length() {
				t.Fatalf("%s: %d ids", of.Kind(), len(e.IDs))
			}
			for _, id := range e.IDs {
				if id < 0 || int(id) >= of.Vocabulary() {
					t.Fatalf("%s: id %d", of.Kind(), id)
				}
			}
		}
	})
}

// A file that Read accepts makes a tokenizer that works.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"a":0,"<eos>":1,"<pad>":2},"merges":[["a","a"]]}}`))
	f.Add([]byte(`{"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["</s>",-1],["▁a",-2]]},"normalizer":{"precompiled_charsmap":"BAAAAAAAAAA="}}`))
	f.Add(smallPieces(unigramModel, "<unk>", "</s>", "▁a"))
	f.Add(smallPieces(bpeModel, "<pad>", "<eos>", "▁a"))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, k := range Kinds() {
			of, err := Read(file, k)
			if err != nil {
				continue
			}
			if _, err := of.Encode("a ▁b\x00é"); err != nil {
				t.Fatal(err)
			}
		}
	})
}
