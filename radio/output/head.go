package output

import (
	"encoding/base64"

	"cradio/radio/output/internal/line"
)

// head is the start of a line.
type head = line.Head

// newHead returns the head of an image's line.
func newHead(path string, about *About, identity string) head {
	h := head{
		Path: &path, Model: line.Valid(about.Model), Synthetic: about.Synthetic, Identity: identity, Settings: line.Valid(about.Settings),
		DType: about.DType.String(), Layout: about.layout(), Version: line.Valid(about.Version),
	}
	if text := line.Valid(path); text != path {
		h.Path, h.PathBase64 = &text, base64.StdEncoding.EncodeToString([]byte(path))
	}
	return h
}

// Quote returns s as a JSON string. Unprintable characters are escaped. Bytes that are not
// UTF-8 become U+FFFD.
func Quote(s string) []byte { return line.Quote(s) }
