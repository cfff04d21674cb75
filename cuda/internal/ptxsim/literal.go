package ptxsim

import (
	"strconv"
	"strings"
)

// literal returns the bits of a number: 12, -12, 0x1F, 012, 0b11, 0f3F800000, 0d3FF0000000000000.
func literal(text string) (bits uint64, ok bool) {
	if len(text) == 0 || len(text) > 70 {
		return 0, false
	}
	if text[0] == '-' {
		bits, ok = literal(text[1:])
		return -bits, ok && text[1] != '-'
	}
	if text[0] < '0' || text[0] > '9' || strings.ContainsRune(text, '_') {
		return 0, false
	}
	if len(text) == 10 && (text[:2] == "0f" || text[:2] == "0F") || len(text) == 18 && (text[:2] == "0d" || text[:2] == "0D") {
		bits, err := strconv.ParseUint(text[2:], 16, 64)
		return bits, err == nil
	}
	bits, err := strconv.ParseUint(strings.TrimSuffix(text, "U"), 0, 64)
	return bits, err == nil
}
