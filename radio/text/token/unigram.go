package token

import (
	"errors"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/sugarme/tokenizer"
)

// unigram takes the most probable segmentation of a word, as sentencepiece and Hugging Face's
// Unigram do.
type unigram struct {
	vocabulary
	scores   []float64 // log probabilities
	unknown  int
	charsmap *charsmap

	least   float64 // of the scores
	longest int     // token, in bytes
}

// unknownPenalty is what sentencepiece takes off the least score for an unknown character.
const unknownPenalty = 10

func newUnigram(tokens []string, scores []float64, unknown int, c *charsmap) (*unigram, error) {
	if unknown < 0 || unknown >= len(tokens) {
		return nil, errors.New("the unigram model has no unknown token")
	}
	u := &unigram{vocabulary: vocabulary{tokens: tokens, ids: make(map[string]int, len(tokens))}, scores: scores, unknown: unknown, charsmap: c, least: math.Inf(1)}
	for id, token := range tokens {
		u.ids[token] = id
		u.least, u.longest = min(u.least, scores[id]), max(u.longest, len(token))
	}
	return u, nil
}

// Tokenize implements the library's Model.
func (u *unigram) Tokenize(word string) ([]tokenizer.Token, error) {
	return u.named(u.encode(word), word), nil
}

// step is the best way to a place in a word: its score, and its last token.
type step struct {
	score    float64
	from, id int // from is -1 where no way leads
}

// take lets a token from `from` lead here, if that is better.
func (s *step) take(score float64, from, id int) {
	if s.from < 0 || score > s.score {
		*s = step{score, from, id}
	}
}

// encode returns the ids of a word by Viterbi's algorithm. Unknown characters side by side
// are one unknown token.
func (u *unigram) encode(word string) []int {
	best := make([]step, len(word)+1)
	for i := range best {
		best[i].from = -1
	}
	best[0].from = 0
	for at := 0; at < len(word); {
		_, size := utf8.DecodeRuneInString(word[at:])
		known := false // the character is a token by itself
		for end := at + size; end-at <= u.longest; {
			if id, ok := u.ids[word[at:end]]; ok {
				best[end].take(best[at].score+u.scores[id], at, id)
				known = known || end == at+size
			}
			if end == len(word) {
				break
			}
			_, n := utf8.DecodeRuneInString(word[end:])
			end += n
		}
		if !known {
			best[at+size].take(best[at].score+u.least-unknownPenalty, at, u.unknown)
		}
		at += size
	}
	var ids []int
	for at := len(word); at > 0; at = best[at].from {
		if id := best[at].id; id != u.unknown || len(ids) == 0 || ids[len(ids)-1] != u.unknown {
			ids = append(ids, id)
		}
	}
	slices.Reverse(ids)
	return ids
}
