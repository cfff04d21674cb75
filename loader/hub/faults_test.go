package hub

import (
	"cradio/loader"

	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (m *mock) weights() []byte { return m.commits[commitA]["model.safetensors"] }

func (c *Client) partial(data []byte) string { return c.store(theRepo).incomplete(sha(data)) }

// TestLies: a server that is wrong about a file, each time, is found out; nothing of it stays.
func TestLies(t *testing.T) {
	good := model()["model.safetensors"]
	other := bytes.Clone(good)
	other[100]++
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
		"hash":  func(w http.ResponseWriter, r *http.Request) { cutAfter(w, r, other, len(other)) },
		"short": func(w http.ResponseWriter, r *http.Request) { cutAfter(w, r, good[:1000], 1000) },
		"long": func(w http.ResponseWriter, r *http.Request) {
			cutAfter(w, r, append(bytes.Clone(good), 1), len(good)+1)
		},
		"longer": func(w http.ResponseWriter, r *http.Request) { w.Write(good); w.(http.Flusher).Flush(); w.Write(good) },
		"format": func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Encoding", "br"); w.Write(good) },
	} {
		m := newMock(t, model())
		c := m.client(t)
		gets := 0
		m.onStore = func(w http.ResponseWriter, r *http.Request) bool { gets++; answer(w, r); return true }
		_, err := c.Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrDamaged, name)
		require.ErrorContains(t, err, `"model.safetensors"`)
		words(t, err)
		require.Equal(t, 2, gets, name)
		require.NoFileExists(t, c.partial(good))
		require.NoFileExists(t, c.store(theRepo).blob(sha(good)))
		c.Offline = true
		_, err = c.Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrNotCached)

		c.Offline, m.onStore = false, nil
		m.pull(t, c, theRepo)
	}
}

// TestDamagedOnce: the second try is good.
func TestDamagedOnce(t *testing.T) {
	m := newMock(t, model())
	first := true
	m.onStore = func(w http.ResponseWriter, r *http.Request) bool {
		if !first {
			return false
		}
		first = false
		cutAfter(w, r, make([]byte, 200_000), 200_000)
		return true
	}
	m.pull(t, m.client(t), theRepo)
}

// TestSmallFileDamaged: the hash of a git blob counts, or of the contents as some mirrors tag them; other tags cannot be checked.
func TestSmallFileDamaged(t *testing.T) {
	m := newMock(t, model())
	m.tag = func(name string, data []byte) string {
		if isLarge(name) {
			return sha(data)
		}
		return strings.Repeat("1", 40)
	}
	_, err := m.client(t).Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrDamaged)
	m = newMock(t, model())
	m.tag = func(name string, data []byte) string { return fmt.Sprintf("%d-of-a-mirror", len(data)) }
	m.pull(t, m.client(t), theRepo)
	for _, evil := range []string{"../x", "", "a/b", `a\b`, "..", strings.Repeat("a", 200), "x.incomplete"} {
		m = newMock(t, model())
		m.tag = func(string, []byte) string { return evil }
		_, err = m.client(t).Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrNotHub, evil)
		words(t, err)
	}
}

// TestTrouble: 429, 5xx and dropped connections pass.
func TestTrouble(t *testing.T) {
	for _, status := range []int{408, 429, 500, 502, 503, 504, 0} {
		m := newMock(t, model())
		var asked sync.Map
		trouble := func(w http.ResponseWriter, r *http.Request) bool {
			n, _ := asked.LoadOrStore(r.Method+r.URL.Path, new(atomic.Int32))
			if n.(*atomic.Int32).Add(1)%2 == 0 {
				return false
			}
			if status == 0 {
				hijack(w)
				return true
			}
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			return true
		}
		m.onHub = func(w http.ResponseWriter, r *http.Request) bool {
			return (r.Method == http.MethodHead || status == 0) && trouble(w, r)
		}
		m.onStore = trouble
		c := m.client(t)
		c.Parallel = 1
		waits := map[time.Duration]bool{}
		c.wait = func(ctx context.Context, d time.Duration) error { waits[d] = true; return nil }
		m.pull(t, c, theRepo)
		require.Equal(t, status != 0, waits[7*time.Second], "%d: %v", status, waits)
	}
}

// TestTroubleForGood ends, in bounded tries.
func TestTroubleForGood(t *testing.T) {
	for _, status := range []int{429, 503} {
		m := newMock(t, model())
		m.onHub = func(w http.ResponseWriter, r *http.Request) bool { w.WriteHeader(status); return true }
		_, err := m.client(t).Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrUnreachable)
		require.ErrorContains(t, err, fmt.Sprint(status))
		words(t, err)
		require.Len(t, m.seen(), inARow)
		m.onHub = nil
		m.onStore = func(w http.ResponseWriter, r *http.Request) bool { w.WriteHeader(status); return true }
		_, err = m.client(t).Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrUnreachable)
	}
	m := newMock(t, model())
	m.onHub = func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Retry-After", time.Now().Add(3*time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(429)
		return true
	}
	_, err := m.client(t).Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrUnreachable)
	require.Len(t, m.seen(), 1, "hours are not waited for")
}

// TestCompressed: by a proxy that was asked not to.
func TestCompressed(t *testing.T) {
	m := newMock(t, model())
	m.onHub = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "config.json") {
			return false
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write(m.commits[commitA][r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]])
		return z.Close() == nil
	}
	m.pull(t, m.client(t), theRepo)
}

// TestNoRoom: refused before it is begun.
func TestNoRoom(t *testing.T) {
	m := newMock(t, model())
	m.onHub = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "model.safetensors") {
			return false
		}
		w.Header().Set("X-Repo-Commit", commitA)
		w.Header().Set("X-Linked-Etag", sha(nil))
		w.Header().Set("X-Linked-Size", fmt.Sprint(int64(1)<<41))
		w.WriteHeader(302)
		return true
	}
	c := m.client(t)
	if loader.FreeBytes(c.Cache) < 0 || loader.FreeBytes(c.Cache) > 1<<41 {
		t.Skip("the room is not known, or enough")
	}
	_, err := c.Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrCache)
	require.ErrorContains(t, err, "free")
	words(t, err)
}
