package token

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"cradio/loader/strictjson"
)

// file is what is read of a tokenizer.json.
type file struct {
	Normalizer normalizerJSON `json:"normalizer"`
	Model      struct {
		Type   string          `json:"type"`
		Vocab  json.RawMessage `json:"vocab"`
		Merges []mergeJSON     `json:"merges"`
		UnkID  *int            `json:"unk_id"`
		End    string          `json:"end_of_word_suffix"`
	} `json:"model"`
	Added []struct {
		ID      int    `json:"id"`
		Content string `json:"content"`
	} `json:"added_tokens"`
}

type normalizerJSON struct {
	Type        string           `json:"type"`
	Charsmap    string           `json:"precompiled_charsmap"`
	Normalizers []normalizerJSON `json:"normalizers"`
}

// charsmap is the first precompiled table of a normalizer.
func (n normalizerJSON) charsmap() string {
	if n.Charsmap != "" {
		return n.Charsmap
	}
	for _, one := range n.Normalizers {
		if c := one.charsmap(); c != "" {
			return c
		}
	}
	return ""
}

// mergeJSON is a pair of tokens: ["a", "b"], or "a b" in older files.
type mergeJSON [2]string

func (m *mergeJSON) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		var list []string
		if err := json.Unmarshal(text, &list); err != nil {
			return err
		}
		if len(list) != 2 {
			return fmt.Errorf("a merge of %d tokens, want 2", len(list))
		}
		m[0], m[1] = list[0], list[1]
		return nil
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	var ok bool
	if m[0], m[1], ok = strings.Cut(s, " "); !ok {
		return fmt.Errorf("merge %q is not two tokens", s)
	}
	return nil
}

func readHuggingFace(text []byte) (*file, error) {
	f := &file{}
	return f, strictjson.Unmarshal(text, strictjson.Limits{Bytes: fileMost}, f)
}

// as makes the model of a kind.
func (f *file) as(k Kind) (model, error) {
	want := "BPE"
	if k == KindSigLIP {
		want = "Unigram"
	}
	if f.Model.Type != "" && f.Model.Type != want {
		return nil, fmt.Errorf("model.type is %q, want %q, which texts of %s need", f.Model.Type, want, k)
	}
	switch k {
	case KindSigLIP:
		return f.unigram()
	case KindCLIP:
		if f.Model.End != "" && f.Model.End != wordEnd {
			return nil, fmt.Errorf("model.end_of_word_suffix is %q, want %q", f.Model.End, wordEnd)
		}
		b, err := f.bpe()
		if err != nil {
			return nil, err
		}
		return b, b.byBytes()
	default:
		b, err := f.bpe()
		if err != nil {
			return nil, err
		}
		b.added = added{}
		for _, a := range f.Added {
			b.added.add(a.Content, a.ID)
		}
		return b, b.byCharacters()
	}
}

func (f *file) bpe() (*bpe, error) {
	b := &bpe{merges: make(map[pair]merge, len(f.Model.Merges))}
	if err := json.Unmarshal(f.Model.Vocab, &b.ids); err != nil {
		return nil, fmt.Errorf("model.vocab: %w", err)
	}
	if b.ids == nil {
		return nil, fmt.Errorf("model.vocab is missing")
	}
	for _, a := range f.Added {
		b.ids[a.Content] = a.ID
	}
	var err error
	if b.tokens, err = byID(b.ids); err != nil {
		return nil, err
	}
	for rank, m := range f.Model.Merges {
		left, ok := b.ids[m[0]]
		right, too := b.ids[m[1]]
		both, three := b.ids[m[0]+m[1]]
		if !ok || !too || !three {
			return nil, fmt.Errorf("model.merges[%d] is %q and %q: the vocabulary lacks one of them, or both together", rank, m[0], m[1])
		}
		if _, twice := b.merges[pair{left, right}]; !twice {
			b.merges[pair{left, right}] = merge{rank, both}
		}
	}
	return b, nil
}

// byID lists tokens by their ids, which may leave gaps, but not large ones.
func byID(ids map[string]int) ([]string, error) {
	tokens := make([]string, len(ids))
	for token, id := range ids {
		if id < 0 || id >= 2*len(ids)+1024 {
			return nil, fmt.Errorf("token %q has id %d in a vocabulary of %d", token, id, len(ids))
		}
		if id >= len(tokens) {
			tokens = append(tokens, make([]string, id+1-len(tokens))...)
		}
		tokens[id] = token
	}
	return tokens, nil
}

// pieceJSON is a token and its score.
type pieceJSON struct {
	token string
	score float64
}

func (p *pieceJSON) UnmarshalJSON(text []byte) error {
	pair := []any{&p.token, &p.score}
	if err := json.Unmarshal(text, &pair); err != nil {
		return err
	}
	if len(pair) != 2 || pair[0] == nil || pair[1] == nil || math.IsNaN(p.score) {
		return fmt.Errorf("a piece is %.60s, want a token and its score", text)
	}
	return nil
}

func (f *file) unigram() (*unigram, error) {
	var list []pieceJSON
	if err := json.Unmarshal(f.Model.Vocab, &list); err != nil {
		return nil, fmt.Errorf("model.vocab: %w", err)
	}
	tokens, scores := make([]string, len(list)), make([]float64, len(list))
	for i, p := range list {
		tokens[i], scores[i] = p.token, p.score
	}
	blob, err := base64.StdEncoding.DecodeString(f.Normalizer.charsmap())
	if err != nil {
		return nil, fmt.Errorf("normalizer: precompiled_charsmap: %w", err)
	}
	c, err := readCharsmap(blob)
	if err != nil {
		return nil, fmt.Errorf("normalizer: %w", err)
	}
	unk := -1
	if f.Model.UnkID != nil {
		unk = *f.Model.UnkID
	}
	return newUnigram(tokens, scores, unk, c)
}
