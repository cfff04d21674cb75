package token

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sugarme/tokenizer"
	"github.com/sugarme/tokenizer/normalizer"
)

// clipWords splits by CLIP's pattern: markers | 's|'t|'re|'ve|'m|'ll|'d | letters | one
// number | anything else that is no white space. It is the library's PreTokenizer.
type clipWords struct{}

func (clipWords) PreTokenize(p *tokenizer.PreTokenizedString) (*tokenizer.PreTokenizedString, error) {
	return p.Split(func(_ int, s *normalizer.NormalizedString) (out []tokenizer.SplitIdx) {
		for text := s.GetNormalized(); text != ""; {
			n, blank := nextWord(text)
			if !blank {
				out = append(out, splitOf(text[:n], nil))
			}
			text = text[n:]
		}
		return out
	}), nil
}

// splitOf is a piece of a text for the library, with its tokens if they are known already.
func splitOf(text string, tokens []tokenizer.Token) tokenizer.SplitIdx {
	return tokenizer.SplitIdx{Normalized: normalizer.NewNormalizedFrom(text), Tokens: tokens}
}

// fixedWords are taken before all others. In a pattern without case ſ is an s.
var fixedWords = []string{clipStarts[0], clipEnds[0], "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'ſ"}

// nextWord is the length of the word that s begins with, or of white space.
func nextWord(s string) (n int, blank bool) {
	if s[0] == '\'' || s[0] == '<' {
		for _, w := range fixedWords {
			if strings.HasPrefix(s, w) {
				return len(w), false
			}
		}
	}
	r, n := utf8.DecodeRuneInString(s)
	class := classOf(r)
	if class == number || class == space {
		return n, class == space
	}
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if classOf(r) != class {
			break
		}
		n += size
	}
	return n, false
}

// class is that of a character in CLIP's pattern.
type class int

const (
	other class = iota
	letter
	number
	space
)

func classOf(r rune) class {
	switch {
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	case unicode.IsSpace(r), r == 0x345: // no part of a pattern without case matches U+0345, which is skipped
		return space
	case r < 0x500: // nothing new is below
		return other
	case unicode.Is(newLetters, r):
		return letter
	case unicode.Is(newNumbers, r):
		return number
	}
	return other
}
