package token

import (
	"fmt"
	"sort"
	"strings"

	"github.com/sugarme/tokenizer"
	"golang.org/x/text/encoding/unicode"
)

// Longest is the longest text that is read, in bytes: more than any tower sees, and a bound
// on the work that a hostile text can make.
const Longest = 1 << 20

// Tokenizer makes ids of texts. It is safe for concurrent use.
type Tokenizer struct {
	kind   Kind
	length int
	model  model
	pad    int32
	sum    string // see Sum
	// framed adds the special tokens and cuts; bare does not.
	framed, bare *tokenizer.Tokenizer
}

// Encoding is a text as a tower reads it.
type Encoding struct {
	IDs []int32 // Length of them
	Cut bool    // the text was longer: only its beginning is there
}

// Piece is a token and its text.
type Piece struct {
	ID   int32  `json:"id"`
	Text string `json:"text"` // as the vocabulary writes it
}

// Kind returns the family of towers that the ids are for.
func (t *Tokenizer) Kind() Kind { return t.kind }

// Length returns how many ids Encode makes.
func (t *Tokenizer) Length() int { return t.length }

// Special returns how many of the ids frame a text: its start and its end.
func (t *Tokenizer) Special() int {
	if t.kind == KindCLIP {
		return 2
	}
	return 1
}

// Vocabulary returns the number of different ids.
func (t *Tokenizer) Vocabulary() int { return t.model.GetVocabSize() }

// CleaningVersion changes when texts become other ids than before with the same vocabulary.
const CleaningVersion = 1

// Sum is the SHA-256 of the file of the vocabulary, in hexadecimal digits.
func (t *Tokenizer) Sum() string { return t.sum }

// WithLength returns a tokenizer that makes another number of ids, for a tower with another
// number of positions. It shares the vocabulary.
func (t *Tokenizer) WithLength(length int) (*Tokenizer, error) {
	if length < 3 || length > 1<<16 {
		return nil, fmt.Errorf("a text of %d tokens: want 3 to %d", length, 1<<16)
	}
	other, err := newTokenizer(t.kind, t.model, length)
	if err != nil {
		return nil, err
	}
	other.sum = t.sum
	return other, nil
}

// Encode makes the ids of a text: cleaned, framed by the kind's special tokens, cut or padded
// to Length. Bytes that are not UTF-8 become U+FFFD, as Python's errors="replace" makes them.
// A text of more than Longest bytes is an error.
func (t *Tokenizer) Encode(text string) (Encoding, error) {
	e, err := run(t.framed, text, true)
	if err != nil {
		return Encoding{}, err
	}
	list := ids(e)
	for len(list) < t.length {
		list = append(list, t.pad)
	}
	return Encoding{IDs: list, Cut: len(e.Overflowing) > 0}, nil
}

// Lost returns the end of a text that Encode cuts off, empty if it cuts nothing: what follows the
// longest beginning that fits.
func (t *Tokenizer) Lost(text string) (string, error) {
	var failed error
	runes := []rune(text)
	kept := sort.Search(len(runes), func(n int) bool { // the first beginning, of n+1 characters, that is cut
		e, err := t.Encode(string(runes[:n+1]))
		if err != nil {
			failed = err
		}
		return e.Cut || err != nil
	})
	return string(runes[kept:]), failed
}

// Pieces splits a text into all its tokens, without special ones: what Encode cuts off is
// there too.
func (t *Tokenizer) Pieces(text string) ([]Piece, error) {
	e, err := run(t.bare, text, false)
	if err != nil {
		return nil, err
	}
	pieces := make([]Piece, len(e.Ids))
	for i, id := range ids(e) {
		pieces[i] = Piece{id, e.Tokens[i]}
	}
	return pieces, nil
}

// run encodes a text with the library, whose panics become errors.
func run(k *tokenizer.Tokenizer, text string, special bool) (e *tokenizer.Encoding, err error) {
	if len(text) > Longest {
		return nil, fmt.Errorf("a text of %d bytes: want at most %d", len(text), Longest)
	}
	if text, err = unicode.UTF8.NewDecoder().String(text); err != nil {
		return nil, err
	}
	defer func() {
		if panicked := recover(); panicked != nil {
			e, err = nil, fmt.Errorf("text %.40q: the tokenizer failed: %v", text, panicked)
		}
	}()
	return k.EncodeSingle(text, special)
}

func ids(e *tokenizer.Encoding) []int32 {
	list := make([]int32, len(e.Ids), max(len(e.Ids), KindCLIP.Length()))
	for i, id := range e.Ids {
		list[i] = int32(id)
	}
	return list
}

// String names the kind, the vocabulary's size and the length.
func (t *Tokenizer) String() string {
	return strings.Join([]string{string(t.kind), fmt.Sprintf("%d tokens", t.Vocabulary()), fmt.Sprintf("%d ids", t.length)}, ", ")
}
