package export

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"

	"cradio/loader"
)

// jsonl writes lines of JSON.
type jsonl struct{ path string }

func (t jsonl) String() string { return t.path }

// line is a line of a file.
type line struct {
	payload
	Vector []float32 `json:"vector"`
}

// payload is what is said of a picture beside its vector.
type payload struct {
	Path       string `json:"path"`
	PathBase64 string `json:"path_base64,omitempty"` // where it is not UTF-8
	SHA256     string `json:"sha256"`
	Bytes      int64  `json:"bytes"`
}

// about is the payload of a point.
func (p Point) about() payload {
	path, exact := text(p.Path)
	return payload{path, exact, p.SHA256, p.Bytes}
}

// text is a path in UTF-8, and its exact bytes in base64 where it is not.
func text(path string) (valid, exact string) {
	if utf8.ValidString(path) {
		return path, ""
	}
	return strings.ToValidUTF8(path, "\ufffd"), base64.StdEncoding.EncodeToString([]byte(path))
}

func (t jsonl) Write(_ context.Context, s *Set) error {
	return loader.WriteFile(t.path, func(w io.Writer) error {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		for p, err := range s.Points {
			if err != nil {
				return err
			}
			if err := out.Encode(line{p.about(), p.Vector}); err != nil {
				return err
			}
		}
		return nil
	})
}
