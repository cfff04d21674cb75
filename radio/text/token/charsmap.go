package token

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// charsmap is sentencepiece's compiled table of replacements, such as that of nmt_nfkc: a
// double-array trie of byte strings (darts-clone) to offsets in to.
type charsmap struct {
	trie []uint32
	to   []byte // texts that end in a zero
}

// readCharsmap reads a precompiled_charsmap. An empty one replaces nothing.
func readCharsmap(blob []byte) (*charsmap, error) {
	if len(blob) == 0 {
		return &charsmap{}, nil
	}
	if len(blob) < 4 {
		return nil, fmt.Errorf("precompiled_charsmap has %d bytes, want at least 4", len(blob))
	}
	size := int64(binary.LittleEndian.Uint32(blob))
	if size%4 != 0 || size > int64(len(blob)-4) {
		return nil, fmt.Errorf("precompiled_charsmap has a trie of %d bytes, want a multiple of 4, at most %d", size, len(blob)-4)
	}
	c := &charsmap{trie: make([]uint32, size/4), to: blob[4+size:]}
	for i := range c.trie {
		c.trie[i] = binary.LittleEndian.Uint32(blob[4+4*i:])
	}
	return c, nil
}

// Units of the trie: a label in the low byte, a bit that says that a value follows, and
// the offset of the children.
const (
	hasLeaf  = 1 << 8
	extended = 1 << 9 // the offset is 256 times as large
	leaf     = 1 << 31
)

func offset(unit uint32) int { return int(unit>>10) << ((unit & extended) >> 6) }

// find returns the replacement of the shortest beginning of s that has one, as Hugging Face
// does. (sentencepiece takes the longest.)
func (c *charsmap) find(s string) (string, bool) {
	if len(c.trie) == 0 {
		return "", false
	}
	at := offset(c.trie[0])
	for i := range len(s) {
		at ^= int(s[i])
		if s[i] == 0 || at >= len(c.trie) || c.trie[at]&(leaf|0xFF) != uint32(s[i]) {
			return "", false
		}
		unit := c.trie[at]
		at ^= offset(unit)
		if unit&hasLeaf != 0 && at < len(c.trie) {
			from := min(int(c.trie[at]&^leaf), len(c.to))
			to, _, _ := bytes.Cut(c.to[from:], []byte{0})
			return string(to), true
		}
	}
	return "", false
}

// apply replaces graphemes of less than six bytes as a whole, and else single characters.
func (c *charsmap) apply(s string) string {
	var out strings.Builder
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if len(g.Str()) < 6 {
			if to, ok := c.find(g.Str()); ok {
				out.WriteString(to)
				continue
			}
		}
		for _, r := range g.Runes() {
			if to, ok := c.find(string(r)); ok {
				out.WriteString(to)
			} else {
				out.WriteRune(r)
			}
		}
	}
	return out.String()
}
