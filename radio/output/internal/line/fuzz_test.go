package line

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
)

// FuzzScan: whatever a file holds, it is an error, or its lines follow one another without gaps,
// each image has one, and replacing the head of a line leaves the rest unchanged.
func FuzzScan(f *testing.F) {
	const lines = `{"path":"a","model":"m","synthetic":false,"cradio":"v1","summary":[1]}` + "\n" +
		`{"path":"./a","model":"m","synthetic":true,"identity":"12","summary":[2]}` + "\n" +
		`{"path":"c\ufffd","path_base64":"Y/8=","model":"m","synthetic":false}` + "\n"
	f.Add([]byte(lines))
	f.Add([]byte(lines[:len(lines)-20]))
	f.Add([]byte("{}\n"))
	f.Add([]byte("\x00\x00\n\n"))
	f.Add([]byte(`{"path":"a","path_base64":"/w==","model":"m","synthetic":false}` + "\n"))
	f.Add([]byte(`{"path":"a","model":"m","other":2E22222222}` + "\n"))
	order := map[string][]int{"a": {0, 1}, "c\xff": {2}}
	path := "new"
	now := Head{Path: &path, Model: "other", Version: "v2"}
	f.Fuzz(func(t *testing.T, data []byte) {
		had := map[int]bool{}
		at := int64(0)
		end, err := Scan(context.Background(), bytes.NewReader(data), order, func(s Span, i int, h Head, text []byte) error {
			if s.Offset < at || !bytes.Equal(data[s.Offset:s.Offset+s.Size], text) || i >= 0 && had[i] {
				t.Fatalf("line %d at %d is %q, image %d", s.Line, s.Offset, text, i)
			}
			at, had[i] = s.Offset+s.Size, true
			p := Place{Span: s}
			if before := h.Append(nil); bytes.HasPrefix(text, before) {
				p.Head = int64(len(before))
			}
			var out bytes.Buffer
			if err := p.Copy(context.Background(), &out, bytes.NewReader(data), now); err != nil {
				t.Fatal(err)
			}
			copied := bytes.Clone(out.Bytes())
			var got map[string]any
			d := json.NewDecoder(&out)
			d.UseNumber() // of a field that is not ours, it may be larger than any float64
			if err := d.Decode(&got); err != nil || !json.Valid(copied) || p.Head > 0 && got["path"] != path {
				t.Fatalf("%q became %q: %v", text, copied, err)
			}
			return nil
		})
		if end > int64(len(data)) || err == nil && bytes.IndexByte(data[end:], '\n') >= 0 {
			t.Fatalf("ended at %d of %d bytes: %v", end, len(data), err)
		}
	})
}
