package hub

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// local: a name from elsewhere that may be joined to a folder.
func local(t *testing.T, name string) {
	t.Helper()
	require.True(t, filepath.IsLocal(filepath.FromSlash(name)), "%q", name)
	require.False(t, strings.ContainsAny(name, "\\:\x00"), "%q", name)
}

func FuzzListing(f *testing.F) {
	f.Add([]byte(`{"sha": "` + commitA + `", "siblings": [{"rfilename": "config.json"}, {"rfilename": "../x"}, {}]}`))
	f.Add([]byte(`{"sha": "../..", "siblings": null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := parseListing(text)
		if err != nil {
			return
		}
		local(t, l.commit)
		for _, name := range l.files {
			local(t, name)
		}
		if n, err := choose(theRepo, l.files); err == nil {
			require.NotEmpty(t, n.files)
		}
	})
}

func FuzzShards(f *testing.F) {
	f.Add([]byte(`{"weight_map": {"a": "x.safetensors", "b": "y.safetensors"}}`))
	f.Add([]byte(`{"weight_map": {"a": "../x.safetensors"}}`))
	f.Add([]byte(`{"weight_map": 1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		shards, err := parseShards(text)
		if err != nil {
			return
		}
		require.NotEmpty(t, shards)
		for _, s := range shards {
			local(t, s)
			require.NotContains(t, s, "/")
		}
	})
}

func FuzzTree(f *testing.F) {
	f.Add([]byte(`{"format_version": 1, "files": {"a/b": {"size": 1}, "../c": null}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range parseTree(text) {
			local(t, name)
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add("bytes 5-9/10", `W/"abc"`, "120")
	f.Add("bytes */10", `"../../x"`, "Wed, 21 Oct 2015 07:28:00 GMT")
	f.Add("bytes 9-5/9223372036854775808", ".", "-1")
	f.Fuzz(func(t *testing.T, span, etag, after string) {
		h := http.Header{"Content-Range": {span}, "Retry-After": {after}}
		if from, to, total, ok := contentRange(h); ok {
			require.True(t, from >= 0 && from <= to && (total < 0 || to < total))
		}
		require.GreaterOrEqual(t, contentRangeTotal(h), int64(-1))
		require.False(t, (&answer{header: h}).retryAfter() < 0)
		if tag := cleanETag(etag); isBlobName(tag) {
			local(t, tag)
			require.NotContains(t, tag, "/")
		}
	})
}
