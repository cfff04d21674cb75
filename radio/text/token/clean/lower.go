package clean

import (
	"strings"
	"unicode"
)

// lower is Python's str.lower. strings.ToLower does not know the two special cases of
// Unicode's table: İ becomes two characters, and the Σ at the end of a word is ς.
func lower(s string) string {
	if !strings.ContainsAny(s, "İΣ") {
		return strings.ToLower(s)
	}
	runes := []rune(s)
	var out strings.Builder
	for i, r := range runes {
		switch {
		case r == 'İ':
			out.WriteString("i\u0307")
		case r == 'Σ' && cased(before(runes, i)) && !cased(after(runes, i)):
			out.WriteRune('ς')
		default:
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

// before is the last character before i that counts for case, 0 if there is none.
func before(runes []rune, i int) rune {
	for i--; i >= 0; i-- {
		if !ignored(runes[i]) {
			return runes[i]
		}
	}
	return 0
}

// after is the first character after i that counts for case, 0 if there is none.
func after(runes []rune, i int) rune {
	for i++; i < len(runes); i++ {
		if !ignored(runes[i]) {
			return runes[i]
		}
	}
	return 0
}

// cased is Unicode's property Cased.
func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// ignored is Unicode's property Case_Ignorable: marks, formats, modifiers, and the
// punctuation that stands inside words.
func ignored(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) ||
		strings.ContainsRune("'.:··՟״‘’․‧︓﹒﹕＇．：", r)
}

// isSpace is Python's str.isspace: that of Unicode, and four separators of ASCII.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1C <= r && r <= 0x1F }
