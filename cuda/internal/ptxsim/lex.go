package ptxsim

import "strings"

// token is a word, a string, or one character of punctuation. Words are names, numbers,
// opcodes with all of their modifiers, and directives, which begin with a dot. The last token
// of a text is "".
type token struct {
	text string
	line int
}

func (t token) word() bool { return t.text != "" && isWord(t.text[0]) }

// lexer splits a text into tokens. Comments are spaces.
type lexer struct {
	text string
	at   int
	line int
	err  string // of the text between tokens
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c == '%' || c == '.'
}

// next returns the token at the current place, and moves behind it.
func (l *lexer) next() token {
	l.space()
	if l.at >= len(l.text) {
		return token{"", l.line}
	}
	start := l.at
	switch c := l.text[l.at]; {
	case isWord(c):
		l.word()
	case c == '"':
		end := strings.IndexByte(l.text[l.at+1:], '"')
		if end < 0 {
			l.err = "a string has no end"
			end = len(l.text) - l.at - 2
		}
		l.at += end + 2
	default:
		l.at++
	}
	t := token{l.text[start:l.at], l.line}
	l.line += strings.Count(t.text, "\n")
	return t
}

// word moves behind a word. "::" belongs to it where a letter follows, as in shared::cta.
func (l *lexer) word() {
	for l.at < len(l.text) {
		text := l.text[l.at:]
		switch {
		case isWord(text[0]):
			l.at++
		case len(text) > 2 && text[0] == ':' && text[1] == ':' && text[2] >= 'a' && text[2] <= 'z':
			l.at += 2
		default:
			return
		}
	}
}

// space moves behind spaces and comments.
func (l *lexer) space() {
	for l.at < len(l.text) {
		text := l.text[l.at:]
		switch {
		case text[0] == '\n':
			l.line++
			l.at++
		case text[0] == ' ' || text[0] == '\t' || text[0] == '\r':
			l.at++
		case strings.HasPrefix(text, "//"):
			l.until("\n")
		case strings.HasPrefix(text, "/*"):
			l.at += 2
			l.until("*/")
			l.at = min(l.at+2, len(l.text))
		default:
			return
		}
	}
}

// until moves to the next mark, or to the end of the text.
func (l *lexer) until(mark string) {
	n := strings.Index(l.text[l.at:], mark)
	if n < 0 {
		n = len(l.text) - l.at
	}
	l.line += strings.Count(l.text[l.at:l.at+n], "\n")
	l.at += n
}
