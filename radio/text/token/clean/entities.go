package clean

import (
	"bytes"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

var (
	entity  = regexp.MustCompile(`^&#?[0-9A-Za-z]{1,24};`)
	numeric = regexp.MustCompile(`&#(?:[xX][0-9a-fA-F]+|[0-9]+);?`)
)

// decodeEntities decodes the entities that end in a semicolon, as ftfy does. A & that comes
// out may begin an entity again ("&amp;lt;"), and is looked at once more, so that the work is
// linear in a text of nested ones.
func decodeEntities(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	text, out := []byte(s), make([]byte, 0, len(s))
	for len(text) > 0 {
		next := bytes.IndexByte(text, '&')
		if next < 0 {
			break
		}
		out, text = append(out, text[:next]...), text[next:]
		e := entity.Find(text)
		to := decoded(string(e))
		switch {
		case to == string(e):
			out, text = append(out, '&'), text[1:]
		case to == "&":
			text = text[len(e)-1:]
			text[0] = '&'
		default:
			out, text = append(out, to...), text[len(e):]
		}
	}
	return string(append(out, text...))
}

// decoded is what one entity stands for; itself if that is nothing. Beside those of HTML it
// knows &EACUTE; and its like.
func decoded(e string) string {
	if e == "" {
		return e
	}
	if e[1] == '#' {
		if u := unescape(e); u == ";" || !strings.Contains(u, ";") {
			return u
		}
		return e
	}
	if u, ok := named(e); ok {
		return u
	}
	if strings.ToUpper(e) == e && htmlUnescape(e) == e { // not &GTQUEST;, which is > and QUEST;
		if u, ok := named(strings.ToLower(e)); ok {
			return cases.Upper(language.Und).String(u) // ß is SS
		}
	}
	return e
}

func named(e string) (string, bool) {
	u := htmlUnescape(e)
	return u, u != e && (u == ";" || !strings.HasSuffix(u, ";"))
}

// unescape is Python's html.unescape: that of Go, but numbers of control characters and of
// non-characters vanish.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return htmlUnescape(numeric.ReplaceAllStringFunc(s, number))
}

// number decodes one numeric entity. A decoded & comes out as an entity, which
// html.UnescapeString then decodes, so that nothing is decoded twice.
func number(e string) string {
	if !strings.HasSuffix(e, ";") { // without which package html leaves &#1 alone
		e += ";"
	}
	if tooLarge(e) {
		return "\uFFFD"
	}
	u := htmlUnescape(e)
	r := []rune(u)
	if len(r) != 1 {
		return u
	}
	switch c := r[0]; {
	case c == '\r' || c == '\n' || c == '\t' || c == '\f':
		return u
	case c < 0x20, 0x7F <= c && c <= 0x9F && c != 0x81 && c != 0x8D && c != 0x8F && c != 0x90 && c != 0x9D,
		0xFDD0 <= c && c <= 0xFDEF, c&0xFFFE == 0xFFFE:
		return ""
	case c == '&':
		return "&amp;"
	}
	return u
}

// tooLarge says that a numeric entity is beyond Unicode. html.UnescapeString computes it modulo
// 2³².
func tooLarge(e string) bool {
	digits, base := strings.TrimSuffix(e[2:], ";"), 10
	if digits[0]|0x20 == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return err != nil || n > unicode.MaxRune
}

// htmlUnescape is html.UnescapeString with two names that it does not know.
func htmlUnescape(s string) string { return html.UnescapeString(missingNames.Replace(s)) }

var missingNames = strings.NewReplacer("&nGt;", "≫⃒", "&nLt;", "≪⃒")
