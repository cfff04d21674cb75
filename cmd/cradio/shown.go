package main

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shown is a name as a message shows it: as it is, or quoted with escapes if it holds
// anything that a terminal would not print as it is: control characters, newlines,
// bytes that are not UTF-8, marks that reverse the direction of writing.
func shown(name string) string {
	if printable(name) {
		return name
	}
	return strconv.Quote(name)
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// escaped is a message with whatever does not print escaped, but for newlines if they
// are kept: some errors are lists of several lines.
func escaped(message string, newlines bool) string {
	if printable(message) {
		return message
	}
	var b strings.Builder
	for i := 0; i < len(message); {
		r, size := utf8.DecodeRuneInString(message[i:])
		switch piece := message[i : i+size]; {
		case r == '\n' && newlines, unicode.IsPrint(r) && (r != utf8.RuneError || size > 1):
			b.WriteString(piece)
		default:
			b.WriteString(strings.Trim(strconv.Quote(piece), `"`))
		}
		i += size
	}
	return b.String()
}

// escapedWith is escaped for the message of a command line: newlines are kept, except
// those of its own arguments.
func escapedWith(message string, args []string) string {
	for _, arg := range args {
		_, value, _ := strings.Cut(arg, "=")
		for _, name := range []string{arg, value, strings.TrimPrefix(arg, "@")} {
			if strings.Contains(name, "\n") {
				message = strings.ReplaceAll(message, name, escaped(name, false))
			}
		}
	}
	return escaped(message, true)
}
