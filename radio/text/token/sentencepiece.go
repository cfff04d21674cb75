package token

import (
	"errors"
	"fmt"
	"math"
)

// pieces is what is read of a sentencepiece file: spiece.model of SigLIP, tokenizer.model of
// SigLIP2. Their format is sentencepiece_model.proto.
type pieces struct {
	tokens   []string
	scores   []float64
	kinds    []pieceKind
	model    uint64 // of the trainer: unigramModel or bpeModel
	charsmap []byte // the precompiled charsmap
	size     uint64 // of the vocabulary, as the trainer has it; 0 if it does not say
}

type pieceKind uint64

const (
	normal  pieceKind = 1
	unknown pieceKind = 2
	user    pieceKind = 4 // found before the model sees a text
)

const (
	unigramModel = 1
	bpeModel     = 2
)

func readPieces(data []byte) (*pieces, error) {
	p := &pieces{model: unigramModel}
	behind := map[int]bool{} // what follows the pieces
	err := message(data, func(f field) error {
		behind[int(f.number)] = true
		switch f.number {
		case 1:
			return p.piece(f.bytes)
		case 2:
			return message(f.bytes, func(f field) error {
				switch f.number {
				case 3:
					p.model = f.value
				case 4:
					p.size = f.value
				}
				return nil
			})
		case 3:
			return message(f.bytes, func(f field) error {
				if f.number == 2 {
					p.charsmap = f.bytes
				}
				return nil
			})
		}
		return nil
	})
	switch {
	case err != nil:
		return p, err
	case len(p.tokens) == 0:
		return p, errors.New("there are no pieces")
	case !behind[2] || !behind[3]:
		return p, fmt.Errorf("nothing says how its %d pieces were made: the file is cut off", len(p.tokens))
	case p.size > uint64(len(p.tokens)):
		return p, fmt.Errorf("%d pieces of a vocabulary of %d: the file is cut off", len(p.tokens), p.size)
	}
	return p, nil
}

func (p *pieces) piece(data []byte) error {
	token, score, kind := "", 0.0, normal
	err := message(data, func(f field) error {
		switch f.number {
		case 1:
			token = string(f.bytes)
		case 2:
			score = f.float32()
		case 3:
			kind = pieceKind(f.value)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("piece %d: %w", len(p.tokens), err)
	}
	if math.IsNaN(score) {
		return fmt.Errorf("piece %d: the score is NaN", len(p.tokens))
	}
	p.tokens, p.scores, p.kinds = append(p.tokens, token), append(p.scores, score), append(p.kinds, kind)
	return nil
}

// as makes the model of a kind.
func (p *pieces) as(k Kind) (model, error) {
	want, name := uint64(unigramModel), "unigram"
	if k == KindSigLIP2 {
		want, name = bpeModel, "BPE"
	}
	if p.model != want {
		return nil, fmt.Errorf("the file's model has type %d, want %d (%s), which texts of %s need", p.model, want, name, k)
	}
	if k == KindSigLIP2 {
		return p.bpe()
	}
	c, err := readCharsmap(p.charsmap)
	if err != nil {
		return nil, err
	}
	unk := -1
	for id, kind := range p.kinds {
		if kind == unknown {
			unk = id
		}
	}
	return newUnigram(p.tokens, p.scores, unk, c)
}

// bpe has no table of merges: two neighbours merge if together they are a piece, that of the
// best score first. The scores of such a file are 0, -1, -2, …
func (p *pieces) bpe() (*bpe, error) {
	b := &bpe{vocabulary: vocabulary{tokens: p.tokens, ids: make(map[string]int, len(p.tokens))}, added: added{}}
	for id, token := range p.tokens {
		b.ids[token] = id
		if p.kinds[id] == user {
			b.added.add(token, id)
		}
	}
	b.rule = func(left, right int) (merge, bool) {
		id, ok := b.ids[b.tokens[left]+b.tokens[right]]
		if !ok || p.kinds[id] != normal && p.kinds[id] != user {
			return merge{}, false
		}
		return merge{int(-p.scores[id]), id}, true
	}
	return b, b.byCharacters()
}
