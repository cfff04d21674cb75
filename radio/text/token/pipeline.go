package token

import (
	"errors"
	"fmt"

	"github.com/sugarme/tokenizer"
	"github.com/sugarme/tokenizer/normalizer"
	"github.com/sugarme/tokenizer/processor"
)

// model is a vocabulary and how words become tokens of it.
type model = tokenizer.Model

// newTokenizer assembles the library's pipeline: clean, split, model, frame.
func newTokenizer(k Kind, m model, length int) (*Tokenizer, error) {
	t := &Tokenizer{kind: k, length: length, model: m, framed: tokenizer.NewTokenizer(m), bare: tokenizer.NewTokenizer(m)}
	split, frame, pad, err := partsOf(k, m)
	if err != nil {
		return nil, err
	}
	for _, p := range []*tokenizer.Tokenizer{t.framed, t.bare} {
		p.WithNormalizer(cleaner{k, m})
		p.WithPreTokenizer(split)
		p.WithPostProcessor(frame)
	}
	t.framed.WithTruncation(&tokenizer.TruncationParams{MaxLength: length, Strategy: tokenizer.OnlyFirst})
	t.pad = int32(pad)
	return t, nil
}

// partsOf is what a kind puts around a model: how it splits texts, which tokens it adds, and
// the id that it pads with.
func partsOf(k Kind, m model) (split tokenizer.PreTokenizer, frame tokenizer.PostProcessor, pad int, err error) {
	// special is the id of a token under the first of its names that there is.
	special := func(names ...string) int {
		for _, name := range names {
			if id, ok := m.TokenToId(name); ok {
				return id
			}
		}
		if err == nil {
			err = fmt.Errorf("the vocabulary has no token %s, which texts of %s need", names[0], k)
		}
		return 0
	}
	switch k {
	case KindCLIP:
		start, end := special(clipStarts...), special(clipEnds...)
		frame = processor.NewBertProcessing(processor.PostToken{Value: clipEnds[0], Id: end}, processor.PostToken{Value: clipStarts[0], Id: start})
		return clipWords{}, frame, 0, err
	case KindSigLIP:
		end := special("</s>")
		return metaspace{}, ending{end, "</s>"}, end, err
	default:
		marks, _ := m.(*bpe)
		if marks == nil {
			return nil, nil, 0, fmt.Errorf("texts of %s need a BPE model", k)
		}
		return marks.added, ending{special("<eos>"), "<eos>"}, special("<pad>"), err
	}
}

// cleaner is the library's Normalizer.
type cleaner struct {
	kind  Kind
	model model
}

func (c cleaner) Normalize(s *normalizer.NormalizedString) (*normalizer.NormalizedString, error) {
	text := c.kind.Clean(s.GetNormalized())
	if u, ok := c.model.(*unigram); ok {
		text = u.charsmap.apply(text)
	}
	return normalizer.NewNormalizedFrom(text), nil
}

// ending is a PostProcessor that adds one token behind a text.
type ending struct {
	id    int
	token string
}

func (ending) AddedTokens(bool) int { return 1 }

func (e ending) Process(enc, _ *tokenizer.Encoding, special bool) *tokenizer.Encoding {
	if !special {
		return enc
	}
	one := tokenizer.NewEncoding([]int{e.id}, []int{0}, []string{e.token}, [][]int{{0, 0}}, []int{1}, []int{1}, nil, tokenizer.WithWordsEncodingOpt([]int{-1}))
	return enc.MergeWith(one, false)
}

// vocabulary is the part of the library's Model that all our models have.
type vocabulary struct {
	tokens []string       // by id
	ids    map[string]int // the inverse
}

func (v *vocabulary) TokenToId(token string) (int, bool) { id, ok := v.ids[token]; return id, ok }

func (v *vocabulary) IdToToken(id int) (string, bool) {
	if id < 0 || id >= len(v.tokens) {
		return "", false
	}
	return v.tokens[id], true
}

func (v *vocabulary) GetVocab() map[string]int { return v.ids }
func (v *vocabulary) GetVocabSize() int        { return len(v.tokens) }

// Save implements the library's Model. Nothing here writes tokenizers.
func (v *vocabulary) Save(string, ...string) error {
	return errors.New("a tokenizer of this package is not saved")
}

// named makes the library's tokens of ids.
func (v *vocabulary) named(ids []int, word string) []tokenizer.Token {
	list := make([]tokenizer.Token, len(ids))
	for i, id := range ids {
		list[i] = tokenizer.Token{Id: id, Value: v.tokens[id], Offsets: []int{0, len(word)}}
	}
	return list
}
