package token

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// smallPieces is a sentencepiece file of some tokens; the first is the unknown one.
func smallPieces(modelType int, tokens ...string) (file []byte) {
	bytes := func(to []byte, number int, value []byte) []byte {
		return append(append(append(to, byte(number<<3|2)), byte(len(value))), value...)
	}
	for i, token := range tokens {
		piece := bytes(nil, 1, []byte(token))
		piece = append(piece, 2<<3|5)
		piece = binary.LittleEndian.AppendUint32(piece, math.Float32bits(-float32(i)))
		if i == 0 {
			piece = append(piece, 3<<3, byte(unknown))
		}
		file = bytes(file, 1, piece)
	}
	file = bytes(file, 2, []byte{3 << 3, byte(modelType)})
	return bytes(file, 3, nil)
}

func TestReadRefuses(t *testing.T) {
	clipJSON := func(change func(vocab map[string]int, merges *[]any)) string {
		vocab, merges := map[string]int{}, []any{}
		for _, suffix := range []string{"", wordEnd} {
			for _, c := range byteOrder {
				vocab[byteNames[c]+suffix] = len(vocab)
			}
		}
		vocab["<|startoftext|>"], vocab["<|endoftext|>"] = len(vocab), len(vocab)+1
		change(vocab, &merges)
		text, err := json.Marshal(map[string]any{"model": map[string]any{"type": "BPE", "vocab": vocab, "merges": merges}})
		require.NoError(t, err)
		return string(text)
	}
	_, err := Read([]byte(clipJSON(func(map[string]int, *[]any) {})), KindCLIP)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		file string
		kind Kind
		want []string
	}{
		"nothing":           {"", KindSigLIP, []string{"sentencepiece", "no pieces"}},
		"no tokenizer":      {"#version: 0.2\na b\n", KindSigLIP2, []string{"neither a tokenizer.json nor a sentencepiece model"}},
		"cut off":           {string(smallPieces(1, "<unk>", "</s>")[:9]), KindSigLIP, []string{"cut off"}},
		"merges for CLIP":   {"a b\n", KindCLIP, []string{"tokenizer.json"}},
		"few merges":        {"#version: 0.2\ni n\nt h\n", KindCLIP, []string{"2 merges", "48894"}},
		"no merge":          {"#version: 0.2\ni n\nwhat\n", KindCLIP, []string{"line 3", "is not two known tokens"}},
		"another model":     {`{"model":{"type":"WordPiece","vocab":{}}}`, KindSigLIP2, []string{`"WordPiece"`, `"BPE"`}},
		"unigram for BPE":   {string(smallPieces(1, "<unk>", "</s>")), KindSigLIP2, []string{"type 1", "BPE"}},
		"no end":            {string(smallPieces(1, "<unk>", "a")), KindSigLIP, []string{"no token </s>"}},
		"no bytes":          {string(smallPieces(2, "<pad>", "<eos>")), KindSigLIP2, []string{"<0x00>"}},
		"no vocabulary":     {`{"model":{"type":"BPE"}}`, KindSigLIP2, []string{"model.vocab"}},
		"id far out":        {clipJSON(func(v map[string]int, _ *[]any) { v["far"] = 1 << 40 }), KindCLIP, []string{`"far"`, "1099511627776"}},
		"negative id":       {clipJSON(func(v map[string]int, _ *[]any) { v["far"] = -1 }), KindCLIP, []string{`"far"`, "-1"}},
		"unknown merge":     {clipJSON(func(_ map[string]int, m *[]any) { *m = append(*m, "a zz") }), KindCLIP, []string{"model.merges[0]", `"zz"`}},
		"merge of three":    {clipJSON(func(_ map[string]int, m *[]any) { *m = append(*m, []string{"a", "b", "c"}) }), KindCLIP, []string{"3 tokens"}},
		"byte missing":      {clipJSON(func(v map[string]int, _ *[]any) { delete(v, "a") }), KindCLIP, []string{`"a"`, "0x61"}},
		"score no number":   {`{"model":{"type":"Unigram","unk_id":0,"vocab":[["a","b"]]}}`, KindSigLIP, []string{"model.vocab"}},
		"no unknown":        {`{"model":{"type":"Unigram","vocab":[["</s>",0]]}}`, KindSigLIP, []string{"no unknown token"}},
		"bad table":         {`{"model":{"type":"Unigram","unk_id":0,"vocab":[["</s>",0]]},"normalizer":{"precompiled_charsmap":"////fwAA"}}`, KindSigLIP, []string{"trie of 2147483647 bytes"}},
		"table not base 64": {`{"model":{"type":"Unigram","unk_id":0,"vocab":[["</s>",0]]},"normalizer":{"precompiled_charsmap":"?"}}`, KindSigLIP, []string{"base64"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(c.file), c.kind)
			require.Error(t, err)
			for _, part := range c.want {
				assert.Contains(t, err.Error(), part)
			}
		})
	}
}

// A vocabulary that is cut off anywhere is refused.
func TestTruncatedVocabulary(t *testing.T) {
	for name, kind := range map[string]Kind{
		"siglip/spiece.model": KindSigLIP, "siglip2/tokenizer.model": KindSigLIP2, "siglip/tokenizer.json": KindSigLIP, "siglip2/tokenizer.json": KindSigLIP2,
	} {
		whole := data(t, "tokenizers/"+name+".gz")
		_, err := Read(whole, kind)
		require.NoError(t, err)
		for cut := range len(whole) {
			if cut%(1+len(whole)/500) != 0 && cut < len(whole)-600 && cut > 600 {
				continue
			}
			_, err := Read(whole[:cut], kind)
			if err == nil && strings.HasSuffix(name, ".model") && behindPieces(whole[:cut]) {
				continue // what is lost says nothing of the ids
			}
			require.Error(t, err, "%s, %d of %d bytes", name, cut, len(whole))
		}
	}
}

// behindPieces says that a sentencepiece file has both specifications: then it is whole but for tests
// of itself.
func behindPieces(file []byte) bool {
	seen := map[int]bool{}
	return message(file, func(f field) error { seen[int(f.number)] = true; return nil }) == nil && seen[2] && seen[3]
}

// The merges of a CLIP repository are those of the program.
func TestMergesFile(t *testing.T) {
	merges := data(t, "../../radio/text/token/clipmerges.txt.gz")
	of, err := Read(append([]byte("#version: 0.2\n"), merges...), KindCLIP)
	require.NoError(t, err)
	for _, text := range []string{"a photo of a tabby cat", "Crème brûlée 12"} {
		want, err := CLIP().Encode(text)
		require.NoError(t, err)
		got, err := of.Encode(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestLost(t *testing.T) {
	short, err := CLIP().WithLength(6)
	require.NoError(t, err)
	for text, want := range map[string]string{
		"a photo of a": "", "a photo of a tabby cat": "tabby cat", "": "", "é é é é é": "é", "supercalifragilisticexpialidociously": "ially",
	} {
		lost, err := short.Lost(text)
		require.NoError(t, err)
		if want == "ially" {
			assert.NotEmpty(t, lost)
			assert.True(t, strings.HasSuffix(text, lost))
			continue
		}
		assert.Equal(t, want, lost, text)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "none"), KindSigLIP)
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = Open(dir, KindSigLIP2)
	require.Error(t, err)
	assert.Contains(t, err.Error(), dir+": no tokenizer: want tokenizer.model or tokenizer.json")
	_, err = Open(dir, "t5")
	require.Error(t, err)
	assert.Contains(t, err.Error(), `"t5", want one of clip, siglip, siglip2`)

	of, err := Open(dir, KindCLIP)
	require.NoError(t, err)
	assert.Equal(t, "clip, 49408 tokens, 77 ids", of.String())

	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.json"), data(t, "tokenizers/siglip2/tokenizer.json.gz"), 0o600))
	of, err = Open(dir, KindSigLIP2)
	require.NoError(t, err)
	assert.Equal(t, KindSigLIP2, of.Kind())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.model"), []byte("damaged"), 0o600))
	_, err = Open(dir, KindSigLIP2) // not silently the other file
	require.Error(t, err)
	assert.Contains(t, err.Error(), filepath.Join(dir, "tokenizer.model"))
}

func TestWithLength(t *testing.T) {
	short, err := CLIP().WithLength(8)
	require.NoError(t, err)
	e, err := short.Encode("a photo of a tabby cat on a mat")
	require.NoError(t, err)
	assert.True(t, e.Cut)
	assert.Equal(t, int32(49407), e.IDs[7])
	_, err = CLIP().WithLength(2)
	assert.Error(t, err)
	long, err := CLIP().WithLength(1 << 14)
	require.NoError(t, err)
	e, err = long.Encode("a cat")
	require.NoError(t, err)
	assert.Len(t, e.IDs, 1<<14)
}

// The work on hostile texts grows with their length, not with its square.
func TestLongTexts(t *testing.T) {
	list := []*Tokenizer{CLIP(), read(t, "siglip/spiece.model", KindSigLIP), read(t, "siglip2/tokenizer.model", KindSigLIP2)}
	for name, text := range map[string]string{
		"one word":        strings.Repeat("a", 1<<16),
		"nested entities": "&" + strings.Repeat("amp;", 1<<15),
		"numbers":         strings.Repeat("&#38;#", 1<<13),
		"marks":           "e" + strings.Repeat("\u0301", 1<<14),
		"full width":      strings.Repeat("＆", 1<<14),
		"sigmas":          strings.Repeat("Σ.", 1<<15),
		"underlines":      strings.Repeat("▁", 1<<16),
		"apostrophes":     strings.Repeat("'", 1<<16),
	} {
		t.Run(name, func(t *testing.T) {
			for _, of := range list {
				e, err := of.Encode(text)
				require.NoError(t, err)
				assert.Len(t, e.IDs, of.Length())
			}
		})
	}
	_, err := CLIP().Encode(strings.Repeat("a", Longest+1))
	require.Error(t, err)
	assert.Contains(t, err.Error(), fmt.Sprint(Longest))
}
