package line

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// Quote returns s as a JSON string. Unprintable characters are escaped. Bytes that are not
// UTF-8 become U+FFFD.
func Quote(s string) []byte {
	q, _ := json.Marshal(s) // a string is always valid
	plain := true
	for _, r := range string(q) {
		plain = plain && strconv.IsPrint(r)
	}
	if plain {
		return q
	}
	var b []byte
	for _, r := range string(q) {
		switch {
		case strconv.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff: // a surrogate pair
			r -= 0x10000
			b = appendEscape(appendEscape(b, 0xd800+r>>10), 0xdc00+r&0x3ff)
		default:
			b = appendEscape(b, r)
		}
	}
	return b
}

func appendEscape(b []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
