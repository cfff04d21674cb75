package pickle

import (
	"strconv"
	"strings"
)

// quoted is a str of protocol 0: a literal of Python, in quotes and with escapes.
func (d *decoder) quoted(text string) []byte {
	text = strings.TrimRight(text, " \t\r")
	if n := len(text); n < 2 || text[0] != text[n-1] || text[0] != '\'' && text[0] != '"' {
		d.fail("a text in quotes", "%s", quote(text))
		return nil
	}
	text = text[1 : len(text)-1]
	var out []byte
	for len(text) > 0 {
		if text[0] != '\\' || len(text) == 1 {
			out = append(out, text[0])
			text = text[1:]
			continue
		}
		b, taken, ok := unescape(text[1:])
		if !ok {
			out = append(out, '\\') // Python keeps what it does not know
			text = text[1:]
			continue
		}
		out = append(out, b)
		text = text[1+taken:]
	}
	return out
}

// unescape is the byte that an escape stands for, after its backslash.
func unescape(s string) (b byte, taken int, ok bool) {
	if i := strings.IndexByte(`\'"abfnrtv`, s[0]); i >= 0 {
		return "\\'\"\a\b\f\n\r\t\v"[i], 1, true
	}
	if s[0] == 'x' && len(s) >= 3 {
		v, err := strconv.ParseUint(s[1:3], 16, 8)
		return byte(v), 3, err == nil
	}
	n := 0
	for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
		n++
	}
	v, err := strconv.ParseUint(s[:n], 8, 9)
	return byte(v), n, err == nil
}

// rawUnicode is a text of protocol 0: Latin-1, with \u and \U.
func (d *decoder) rawUnicode(text string) string {
	d.spend(len(text))
	var out strings.Builder
	for len(text) > 0 {
		digits := 0
		switch {
		case strings.HasPrefix(text, `\u`):
			digits = 4
		case strings.HasPrefix(text, `\U`):
			digits = 8
		default:
			out.WriteRune(rune(text[0]))
			text = text[1:]
			continue
		}
		v, err := strconv.ParseUint(text[2:min(2+digits, len(text))], 16, 32)
		if err != nil || len(text) < 2+digits {
			d.fail(`digits after \u`, "%s", quote(text))
			return ""
		}
		out.WriteRune(rune(v))
		text = text[2+digits:]
	}
	return out.String()
}
