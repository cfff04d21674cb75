package output

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzScan: any file is an error, or its lines are consecutive and each image has one. Replacing the
// head of a line leaves the rest unchanged.
func FuzzScan(f *testing.F) {
	var whole []byte // short, for the fuzzer's sake
	images := []string{"a", "a", "c\xff"}
	for _, name := range images {
		line, err := AppendJSON(nil, summary(name, ramp(1, 1)), About{Model: "m", Version: "v1"})
		require.NoError(f, err)
		whole = append(append(whole, line...), '\n')
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-40])
	f.Add(append(whole, whole...))
	f.Add([]byte("{}\n"))
	f.Add([]byte("\x00\x00\n\n"))
	f.Add([]byte(`{"path":"a","path_base64":"/w==","model":"m","synthetic":false}` + "\n"))
	l := begin("x.jsonl", about, images, nil)
	f.Fuzz(func(t *testing.T, data []byte) {
		had := map[int]bool{}
		end, err := scan(context.Background(), bytes.NewReader(data), l.order, func(at span, i int, h head, text []byte) error {
			if !bytes.Equal(data[at.offset:at.offset+at.size], text) || i >= 0 && had[i] {
				t.Fatalf("line %d is %q, image %d", at.line, text, i)
			}
			had[i] = i >= 0
			p := place{span: at}
			if before := h.append(nil); bytes.HasPrefix(text, before) {
				p.head = int64(len(before))
			}
			now := newHead("new", &about, "1234")
			var out bytes.Buffer
			if err := p.copy(context.Background(), &out, bytes.NewReader(data), now); err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(out.Bytes(), &got); err != nil || p.head > 0 && got["path"] != "new" {
				t.Fatalf("%q became %q: %v", text, out.Bytes(), err)
			}
			return nil
		})
		if end > int64(len(data)) || err == nil && bytes.IndexByte(data[end:], '\n') >= 0 {
			t.Fatalf("ended at %d of %d bytes: %v", end, len(data), err)
		}
	})
}
