package line

import (
	"encoding/base64"
	"path/filepath"
	"strconv"
	"unicode/utf8"
)

// Head is the start of a line: the image's path, and the origin of its numbers.
type Head struct {
	Path       *string `json:"path"`
	PathBase64 string  `json:"path_base64"`
	Model      string  `json:"model"`
	Synthetic  bool    `json:"synthetic"`
	Identity   string  `json:"identity"`
	Settings   string  `json:"settings"`
	DType      string  `json:"dtype"`
	Layout     string  `json:"layout"`
	Version    string  `json:"cradio"` // of the program that computed it
}

// Valid replaces each byte that is not UTF-8 by U+FFFD, since JSON cannot hold it.
func Valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// Append appends the head, without the end of the JSON object.
func (h *Head) Append(b []byte) []byte {
	b = append(append(b, `{"path":`...), Quote(*h.Path)...)
	if h.PathBase64 != "" {
		b = text(b, "path_base64", h.PathBase64)
	}
	b = text(b, "model", h.Model)
	b = strconv.AppendBool(append(b, `,"synthetic":`...), h.Synthetic)
	for _, f := range [][2]string{
		{"identity", h.Identity}, {"settings", h.Settings}, {"dtype", h.DType}, {"layout", h.Layout}, {"cradio", h.Version},
	} {
		if f[1] != "" { // lines of earlier versions lack some
			b = text(b, f[0], f[1])
		}
	}
	return b
}

// text appends a field after another one. The name needs no escapes.
func text(b []byte, name, value string) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	return append(b, Quote(value)...)
}

// Name returns the path, with its exact bytes.
func (h *Head) Name() string {
	if b, err := base64.StdEncoding.DecodeString(h.PathBase64); err == nil && h.PathBase64 != "" {
		return string(b)
	}
	return *h.Path
}

// Key normalises a path: "./a/b" and "a//b" have the same key. "-" is standard input, not a
// path.
func Key(path string) string {
	clean := filepath.Clean(path)
	if clean == "-" && path != "-" {
		return "./-"
	}
	return clean
}
