package output

import (
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"strconv"
	"unicode/utf8"
)

// head is the start of a line: the image's path, and the origin of its numbers.
type head struct {
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

// newHead returns the head of an image's line.
func newHead(path string, about *About, identity string) head {
	h := head{
		Path: &path, Model: valid(about.Model), Synthetic: about.Synthetic, Identity: identity, Settings: valid(about.Settings),
		DType: about.DType.String(), Layout: about.layout(), Version: valid(about.Version),
	}
	if text := valid(path); text != path {
		h.Path, h.PathBase64 = &text, base64.StdEncoding.EncodeToString([]byte(path))
	}
	return h
}

// valid replaces each byte that is not UTF-8 by U+FFFD, since JSON cannot hold it.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// append appends the head, without the end of the JSON object.
func (h *head) append(b []byte) []byte {
	o := object{b: append(b, '{')}
	o.text("path", *h.Path)
	if h.PathBase64 != "" {
		o.text("path_base64", h.PathBase64)
	}
	o.text("model", h.Model)
	o.key("synthetic")
	o.b = strconv.AppendBool(o.b, h.Synthetic)
	for _, f := range []fact{
		{"identity", h.Identity}, {"settings", h.Settings}, {"dtype", h.DType}, {"layout", h.Layout}, {"cradio", h.Version},
	} {
		if f.text != "" { // lines of earlier versions lack some
			o.text(f.name, f.text)
		}
	}
	return o.b
}

// name returns the path, with its exact bytes.
func (h *head) name() string {
	if b, err := base64.StdEncoding.DecodeString(h.PathBase64); err == nil && h.PathBase64 != "" {
		return string(b)
	}
	return *h.Path
}

// key normalises a path: "./a/b" and "a//b" have the same key. "-" is standard input, not a
// path.
func key(path string) string {
	clean := filepath.Clean(path)
	if clean == "-" && path != "-" {
		return "./-"
	}
	return clean
}

// Quote returns s as a JSON string. Unprintable characters are escaped. Bytes that are not
// UTF-8 become U+FFFD.
func Quote(s string) []byte {
	q, _ := json.Marshal(s) // a string is always valid
	plain := true
	for _, r := range string(q) {
		plain = plain && strconv.IsPrint(r)
	}
	if plain {
		return q
	}
	var b []byte
	for _, r := range string(q) {
		switch {
		case strconv.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff: // a surrogate pair
			r -= 0x10000
			b = appendEscape(appendEscape(b, 0xd800+r>>10), 0xdc00+r&0x3ff)
		default:
			b = appendEscape(b, r)
		}
	}
	return b
}

func appendEscape(b []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
