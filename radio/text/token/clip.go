package token

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

// The merges that CLIP uses of OpenAI's bpe_simple_vocab_16e6.txt, one a line; see
// clipmerges.LICENSE.
//
//go:embed clipmerges.txt.gz
var clipMerges []byte

// Names of the special tokens: open_clip's, then OpenAI's and Hugging Face's.
var (
	clipStarts = []string{"<start_of_text>", "<|startoftext|>"}
	clipEnds   = []string{"<end_of_text>", "<|endoftext|>"}
)

var clip = sync.OnceValue(func() *Tokenizer {
	z, err := gzip.NewReader(bytes.NewReader(clipMerges))
	if err != nil {
		panic(err) // the file is a part of the program
	}
	m, err := readMerges(z, 1)
	if err != nil {
		panic(err)
	}
	t, err := newTokenizer(KindCLIP, m, KindCLIP.Length())
	if err != nil {
		panic(err)
	}
	t.sum = sumOf(clipMerges)
	return t
})

// CLIP returns the tokenizer of CLIP's text towers, whose vocabulary is a part of the
// program: 49,408 tokens, 77 ids.
func CLIP() *Tokenizer { return clip() }

// readMerges makes CLIP's vocabulary of its merges: 256 bytes, 256 bytes that end a word, a
// token for each merge, the start and the end of a text.
// The first is on the line of that number.
func readMerges(r io.Reader, line int) (*bpe, error) {
	b := &bpe{vocabulary: vocabulary{ids: map[string]int{}}, merges: map[pair]merge{}}
	add := func(token string) int {
		b.ids[token] = len(b.tokens)
		b.tokens = append(b.tokens, token)
		return len(b.tokens) - 1
	}
	for _, suffix := range []string{"", wordEnd} {
		for _, c := range byteOrder {
			add(byteNames[c] + suffix)
		}
	}
	lines := bufio.NewScanner(r)
	for n := 0; lines.Scan(); n++ {
		left, right, ok := strings.Cut(lines.Text(), " ")
		l, known := b.ids[left]
		r, too := b.ids[right]
		if !ok || !known || !too {
			return nil, fmt.Errorf("merges, line %d: %q is not two known tokens", n+line, lines.Text())
		}
		b.merges[pair{l, r}] = merge{n, add(left + right)}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("merges: %w", err)
	}
	add(clipStarts[0])
	add(clipEnds[0])
	return b, b.byBytes()
}

// clipMergesCount is the number of CLIP's merges: 49,408 tokens less 512 of bytes and two markers.
const clipMergesCount = 48894

// readMergesFile reads a merges.txt, behind "#version:".
func readMergesFile(data []byte) (*bpe, error) {
	_, lines, _ := bytes.Cut(data, []byte("\n"))
	b, err := readMerges(bytes.NewReader(lines), 2)
	if err == nil && len(b.merges) != clipMergesCount {
		err = fmt.Errorf("%d merges, want the %d of CLIP: the file is cut off, or belongs to another model", len(b.merges), clipMergesCount)
	}
	return b, err
}

// byBytes makes words begin as their bytes, the last of which ends the word. A marker of the
// start or the end of a text is one symbol.
func (b *bpe) byBytes() error {
	var inside, last [256]int
	for c := range 256 {
		name := byteNames[c]
		var ok, too bool
		inside[c], ok = b.ids[name]
		last[c], too = b.ids[name+wordEnd]
		if !ok || !too {
			return fmt.Errorf("the vocabulary has no token %q or %q, for the byte %#02x", name, name+wordEnd, c)
		}
	}
	markers := map[string]int{}
	for i, names := range [][]string{clipStarts, clipEnds} {
		for _, name := range names {
			if id, ok := b.ids[name]; ok {
				markers[[]string{clipStarts[0], clipEnds[0]}[i]] = id
			}
		}
	}
	b.cache = newCache()
	b.start = func(word string) []int {
		if id, ok := markers[word]; ok {
			return []int{id}
		}
		ids := make([]int, len(word))
		for i := range len(word) {
			ids[i] = inside[word[i]]
		}
		if n := len(word); n > 0 {
			ids[n-1] = last[word[n-1]]
		}
		return ids
	}
	return nil
}
