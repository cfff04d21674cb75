package clean

import "strings"

// CLIP is open_clip's clean="lower": fixed, without entities, one space between words, in
// lower case.
func CLIP(s string) string { return lower(squeeze(fixed(s))) }

// SigLIP is open_clip's clean="canonicalize".
func SigLIP(s string) string { return canonical(fixed(s)) }

// SigLIP2 is RADIO's canonicalize_text: SigLIP without ftfy and entities.
func SigLIP2(s string) string { return canonical(s) }

// fixed is open_clip's basic_clean.
func fixed(s string) string {
	if plain(s) {
		return s
	}
	return strings.TrimFunc(unescape(unescape(fix(s))), isSpace)
}

// plain says that fix and unescape leave s as it is: printing ASCII without entities.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '&' {
			return false
		}
	}
	return true
}

// canonical makes _ a space, drops the rest of ASCII's punctuation, and gives lower case and
// one space between words.
func canonical(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '_':
			return ' '
		case '!' <= r && r <= '/', ':' <= r && r <= '@', '[' <= r && r <= '`', '{' <= r && r <= '~':
			return -1
		}
		return r
	}, s)
	return squeeze(lower(s))
}

// squeeze leaves one space between words, none at the ends.
func squeeze(s string) string { return strings.Join(strings.FieldsFunc(s, isSpace), " ") }
