package main

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shown returns a name for use in a message. A name with characters that are unsafe on a
// terminal is quoted and escaped: control characters, newlines, bytes that are not UTF-8,
// and marks that reverse the direction of writing. Other names are unchanged.
func shown(name string) string {
	if printable(name) {
		return name
	}
	return strconv.Quote(name)
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// escaped returns a message with its unprintable characters escaped. newlines keeps
// newlines, since some errors are lists of several lines.
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

// escapedWith is escaped for the error of a command line. It keeps newlines, except those
// that come from the command's own arguments.
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

// pathText is a path for JSON, and its exact bytes in base64 where it is not UTF-8.
func pathText(path string) (text, exact string) {
	if utf8.ValidString(path) {
		return path, ""
	}
	return strings.ToValidUTF8(path, "\ufffd"), base64.StdEncoding.EncodeToString([]byte(path))
}
