package token

import (
	"fmt"
	"unicode/utf8"
)

// byCharacters makes words begin as their characters; one that is not in the vocabulary
// begins as its bytes, <0x00> to <0xFF>.
func (b *bpe) byCharacters() error {
	var bytes [256]int
	for c := range 256 {
		id, ok := b.ids[fmt.Sprintf("<0x%02X>", c)]
		if !ok {
			return fmt.Errorf("the vocabulary has no token <0x%02X>: characters that it lacks are written as their bytes", c)
		}
		bytes[c] = id
	}
	b.start = func(word string) []int {
		ids := make([]int, 0, len(word))
		for at := 0; at < len(word); {
			_, n := utf8.DecodeRuneInString(word[at:])
			if id, ok := b.ids[word[at:at+n]]; ok {
				ids = append(ids, id)
			} else {
				for _, c := range []byte(word[at : at+n]) {
					ids = append(ids, bytes[c])
				}
			}
			at += n
		}
		return ids
	}
	return nil
}
