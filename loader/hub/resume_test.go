package hub

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCutConnections: cut at random bytes, again and again, the file arrives whole.
func TestCutConnections(t *testing.T) {
	m := newMock(t, model())
	r := rand.New(rand.NewPCG(1, 2))
	cuts := 0
	m.onStore = func(w http.ResponseWriter, req *http.Request) bool {
		n := r.IntN(20_000)
		cuts++
		cutAfter(w, req, m.blobOf(req), n)
		return true
	}
	m.pull(t, m.client(t), theRepo)
	require.Greater(t, cuts, 5)
}

// TestResumeAfterInterruption: what came before the context ended is not asked for again.
func TestResumeAfterInterruption(t *testing.T) {
	for _, at := range []int{1, 65_537, 199_999} {
		m := newMock(t, model())
		c := m.client(t)
		ctx, cancel := context.WithCancel(t.Context())
		m.onStore = func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Length", "200000")
			_, _ = w.Write(m.weights()[:at])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return true
		}
		c.Progress = func(e Event) {
			if e.Done == int64(at) {
				cancel()
			}
		}
		_, err := c.Snapshot(ctx, theRepo)
		require.ErrorIs(t, err, context.Canceled)
		info, err := os.Stat(c.partial(m.weights()))
		require.NoError(t, err)
		require.EqualValues(t, at, info.Size())
		require.NoFileExists(t, filepath.Join(c.Cache, "models--org--name", "refs", "main"))

		var asked string
		m.onStore = func(_ http.ResponseWriter, r *http.Request) bool { asked = r.Header.Get("Range"); return false }
		c.Progress = nil
		m.pull(t, c, theRepo)
		require.Equal(t, fmt.Sprintf("bytes=%d-", at), asked)
		require.NoFileExists(t, c.partial(m.weights()))
	}
}

// TestLeftovers: whatever lies where a download goes on, the result is right.
func TestLeftovers(t *testing.T) {
	data := model()["model.safetensors"]
	for name, left := range map[string][]byte{
		"wrong": make([]byte, 1000), "whole": data, "whole and wrong": make([]byte, len(data)), "too long": make([]byte, len(data)+1), "empty": {},
	} {
		m := newMock(t, model())
		c := m.client(t)
		require.NoError(t, os.MkdirAll(filepath.Dir(c.partial(data)), 0o777))
		require.NoError(t, os.WriteFile(c.partial(data), left, 0o666))
		m.pull(t, c, theRepo)
		if name == "whole" {
			require.NotContains(t, m.seen(), "GET /blobs/"+sha(data))
		}
	}
}

// TestServersThatKnowNoRanges begin again.
func TestServersThatKnowNoRanges(t *testing.T) {
	data := model()["model.safetensors"]
	for name, answer := range map[string]http.HandlerFunc{
		"ignores": func(w http.ResponseWriter, r *http.Request) { r.Header.Del("Range"); cutAfter(w, r, data, len(data)) },
		"refuses": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusRequestedRangeNotSatisfiable) },
		"other range": func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", "bytes=10-")
			cutAfter(w, r, data, len(data))
		},
		"other total": func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", "bytes=500-")
			cutAfter(w, r, data[1:], len(data))
		},
		"range of nothing": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusPartialContent) },
		"shorter ranges": func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", r.Header.Get("Range")+"999")
			cutAfter(w, r, data, len(data))
		},
	} {
		m := newMock(t, model())
		c := m.client(t)
		require.NoError(t, os.MkdirAll(filepath.Dir(c.partial(data)), 0o777))
		require.NoError(t, os.WriteFile(c.partial(data), data[:500], 0o666))
		ranges := 0
		m.onStore = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Range") == "" || ranges > 3 {
				return false
			}
			ranges++
			answer(w, r)
			return true
		}
		m.pull(t, c, theRepo)
		require.NotZero(t, ranges, name)
	}
}

// TestStall: a server that goes silent is left, and asked again.
func TestStall(t *testing.T) {
	m := newMock(t, model())
	var asked atomic.Int32
	m.onStore = func(w http.ResponseWriter, r *http.Request) bool {
		n := asked.Add(1)
		if n > 2 {
			return false
		}
		if n == 2 {
			w.Header().Set("Content-Length", "200000")
			_, _ = w.Write(m.weights()[:10])
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		return true
	}
	c := m.client(t)
	c.StallTimeout = 500 * time.Millisecond // what answers at all is much faster
	notes := ""
	c.Progress = func(e Event) {
		if e.State == Retrying {
			notes += e.Note
		}
	}
	m.pull(t, c, theRepo)
	require.Contains(t, notes, errStalled.Error())
}

// TestSizeUnknown: chunked, without a length anywhere, whole or cut.
func TestSizeUnknown(t *testing.T) {
	m := newMock(t, model())
	m.onHub = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodHead {
			return false
		}
		name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		w.Header().Set("X-Repo-Commit", commitA)
		w.Header().Set("X-Linked-Etag", `"`+m.etag(name, m.commits[commitA][name])+`"`)
		w.Header().Set("Location", m.store.URL)
		w.WriteHeader(302)
		return true
	}
	m.pull(t, m.client(t), theRepo)
	n := 0
	m.onStore = func(w http.ResponseWriter, r *http.Request) bool {
		if n++; n == 1 {
			cutAfter(w, r, m.weights(), 3000)
			return true
		}
		return false
	}
	m.pull(t, m.client(t), theRepo)
	m.onStore = func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = w.Write(m.weights()[:5])
		w.(http.Flusher).Flush()
		_, _ = w.Write(m.weights()[5:])
		return true
	}
	m.pull(t, m.client(t), theRepo)
}
