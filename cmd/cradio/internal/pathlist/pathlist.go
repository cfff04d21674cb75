// Package pathlist reads lists of paths, in every common form: a path on each line, in the
// line ends and encodings of every system, or each path followed by NUL.
package pathlist

import (
	"errors"
	"fmt"
	"strings"
)

// maxPath is the limit of a path in a list, bytes. No system supports longer paths.
const maxPath = 1 << 15

// Split returns the paths in a list: one on each line, or each followed by NUL, as
// `find -print0` writes them. UTF-8 may begin with a byte order mark; UTF-16 is decoded.
func Split(data []byte) ([]string, error) {
	if kind := notAList(data); kind != "" {
		return nil, fmt.Errorf("holds %s, not a path on each line; give an image without the @", kind)
	}
	text, err := decodeText(data)
	if err != nil {
		return nil, err
	}
	if text == "" || strings.TrimSpace(text) == "" {
		return nil, errors.New("is empty; want a path on each line")
	}
	separator, blank := "\n", func(s string) bool { return strings.TrimSpace(s) == "" }
	if strings.Contains(text, "\x00") {
		separator, blank = "\x00", func(s string) bool { return s == "" }
	} else if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // line ends of old Macs
	}
	var names []string
	n := 0
	for name := range strings.SplitSeq(text, separator) {
		n++
		if separator == "\n" {
			name = strings.TrimSuffix(name, "\r")
		}
		if blank(name) {
			continue
		}
		if len(name) > maxPath {
			return nil, fmt.Errorf("path %d has %d bytes, more than any system supports: is this a list of paths?", n, len(name))
		}
		names = append(names, name)
	}
	return names, nil
}
