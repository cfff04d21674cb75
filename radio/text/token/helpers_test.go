package token

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// data is a recorded file, without its .gz.
func data(t testing.TB, name string) []byte {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("../../../conformance/text", name))
	require.NoError(t, err)
	if filepath.Ext(name) != ".gz" {
		return packed
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	return text
}

func read(t testing.TB, name string, k Kind) *Tokenizer {
	t.Helper()
	tok, err := Read(data(t, "tokenizers/"+name+".gz"), k)
	require.NoError(t, err)
	return tok
}

// record is a text and what Python makes of it; conformance/text/README.md explains the fields.
type record struct {
	Kind, Text, Bytes string
	Mojibake          bool
	ClipClean         string  `json:"clip_clean"`
	Canonical         string  `json:"canonical"`
	CanonicalFtfy     *string `json:"canonical_ftfy"`
	Clip              []int32 `json:"clip"`
	Siglip            []int32 `json:"siglip"`
	Siglip2           []int32 `json:"siglip2"`
}

func records(t testing.TB) (list []record) {
	d := json.NewDecoder(bytes.NewReader(data(t, "tokens/pairs.jsonl.gz")))
	for d.More() {
		var r record
		require.NoError(t, d.Decode(&r))
		list = append(list, r)
	}
	return list
}
