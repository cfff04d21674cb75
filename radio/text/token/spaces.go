package token

import (
	"slices"
	"strings"

	"github.com/sugarme/tokenizer"
	"github.com/sugarme/tokenizer/normalizer"
)

// underline stands for a space in sentencepiece's vocabularies.
const underline = "▁"

// metaspace splits at white space and puts ▁ before each word, for unigram models.
type metaspace struct{}

func (metaspace) PreTokenize(p *tokenizer.PreTokenizedString) (*tokenizer.PreTokenizedString, error) {
	return p.Split(func(_ int, s *normalizer.NormalizedString) (out []tokenizer.SplitIdx) {
		for _, word := range strings.Fields(s.GetNormalized()) {
			if !strings.HasPrefix(word, underline) {
				word = underline + word
			}
			for word != "" { // a ▁ inside begins a word too
				n := len(word)
				if next := strings.Index(word[len(underline):], underline); next >= 0 {
					n = next + len(underline)
				}
				out = append(out, splitOf(word[:n], nil))
				word = word[n:]
			}
		}
		return out
	}), nil
}

// added are tokens that are found before the model sees a text, by their first byte; the
// longest of them first. Elsewhere spaces become ▁.
type added map[byte][]mark

type mark struct {
	text string
	id   int
}

func (a added) add(text string, id int) {
	if text == "" {
		return
	}
	list := append(a[text[0]], mark{text, id})
	slices.SortStableFunc(list, func(x, y mark) int { return len(y.text) - len(x.text) })
	a[text[0]] = list
}

func (a added) PreTokenize(p *tokenizer.PreTokenizedString) (*tokenizer.PreTokenizedString, error) {
	return p.Split(func(_ int, s *normalizer.NormalizedString) (out []tokenizer.SplitIdx) {
		plain := func(text string) {
			if text != "" {
				out = append(out, splitOf(strings.ReplaceAll(text, " ", underline), nil))
			}
		}
		text, from := s.GetNormalized(), 0
		for at := 0; at < len(text); {
			m, ok := a.begins(text[at:])
			if !ok {
				at++
				continue
			}
			plain(text[from:at])
			out = append(out, splitOf(m.text, []tokenizer.Token{{Id: m.id, Value: m.text, Offsets: []int{0, len(m.text)}}}))
			at += len(m.text)
			from = at
		}
		plain(text[from:])
		return out
	}), nil
}

// begins is the longest added token that text begins with.
func (a added) begins(text string) (mark, bool) {
	for _, m := range a[text[0]] {
		if strings.HasPrefix(text, m.text) {
			return m, true
		}
	}
	return mark{}, false
}
