package clean

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// fix is ftfy.fix_text (6.3) without its repair of wrong encodings. Like ftfy it goes line
// by line; from the first line with a < on it leaves entities alone, which are then markup.
func fix(s string) string {
	var out strings.Builder
	entities := true
	for line := range strings.Lines(s) {
		entities = entities && !strings.Contains(line, "<")
		out.WriteString(fixLine(line, entities))
	}
	return out.String()
}

// fixLine repeats the steps until nothing changes.
func fixLine(s string, entities bool) string {
	for {
		was := s
		if entities {
			s = decodeEntities(s)
		}
		s = strings.Map(fromC1, s)
		s = ligatures.Replace(s)
		s = width(s)
		s = strings.Map(straightQuote, s)
		s = breaks.Replace(s)
		s = ansi.ReplaceAllString(s, "")
		s = strings.Map(withoutControl, s)
		s = compose(s)
		if s == was {
			return s
		}
	}
}

// windows1252 is what the bytes 0x80 to 0x9F mean in that encoding.
var windows1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

// fromC1 takes a control character of Latin-1 for one of Windows-1252.
func fromC1(r rune) rune {
	if 0x80 <= r && r <= 0x9F {
		return windows1252[r-0x80]
	}
	return r
}

var ligatures = strings.NewReplacer(
	"Ĳ", "IJ", "ĳ", "ij", "ŉ", "ʼn",
	"Ǳ", "DZ", "ǲ", "Dz", "ǳ", "dz", "Ǆ", "DŽ", "ǅ", "Dž", "ǆ", "dž",
	"Ǉ", "LJ", "ǈ", "Lj", "ǉ", "lj", "Ǌ", "NJ", "ǋ", "Nj", "ǌ", "nj",
	"ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl", "ﬅ", "ſt", "ﬆ", "st")

// width replaces full-width and half-width forms, and the ideographic space.
func width(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == 0x3000:
			out.WriteByte(' ')
		case 0xFF01 <= r && r < 0xFFF0:
			out.WriteString(norm.NFKC.String(string(r)))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// straightQuote makes curly quotes straight.
func straightQuote(r rune) rune {
	switch {
	case r == 0x2BC, 0x2018 <= r && r <= 0x201B:
		return '\''
	case 0x201C <= r && r <= 0x201F:
		return '"'
	}
	return r
}

var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n")

// ansi matches a terminal's escape sequence; ftfy's \d is any digit of Unicode.
var ansi = regexp.MustCompile("\x1b\\[(?:\\p{Nd}|;)*[a-zA-Z]")

// withoutControl drops control characters that have no effect on a text, and the marks of
// byte order and of annotations.
func withoutControl(r rune) rune {
	switch {
	case r <= 8, r == 0xB, 0xE <= r && r < 0x20, r == 0x7F, 0x206A <= r && r <= 0x206F, r == 0xFEFF, 0xFFF9 <= r && r <= 0xFFFC:
		return -1
	}
	return r
}
