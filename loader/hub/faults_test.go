package hub

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"
)

func (m *mock) weights() []byte { return m.commits[commitA]["model.safetensors"] }

func (c *Client) partial(data []byte) string { return c.store(theRepo).incomplete(sha(data)) }

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

// TestStall: a server that goes silent is left, and asked again.
func TestStall(t *testing.T) {
	m := newMock(t, model())
	stalls := 0
	m.onStore = func(w http.ResponseWriter, r *http.Request) bool {
		if stalls++; stalls > 2 {
			return false
		}
		if stalls == 2 {
			w.Header().Set("Content-Length", "200000")
			_, _ = w.Write(m.weights()[:10])
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		return true
	}
	c := m.client(t)
	c.StallTimeout = 50 * time.Millisecond
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

// TestTwoAtOnce: two clients that share a cache download each file once.
func TestTwoAtOnce(t *testing.T) {
	m := newMock(t, model())
	dir := t.TempDir()
	var all sync.WaitGroup
	failures := make(chan error, 4)
	for range 4 {
		c := m.client(t)
		c.Cache = dir
		all.Go(func() {
			_, err := c.Snapshot(t.Context(), theRepo)
			failures <- err
		})
	}
	all.Wait()
	for range 4 {
		require.NoError(t, <-failures)
	}
	gets := map[string]int{}
	for _, r := range m.seen() {
		gets[r]++
	}
	require.Equal(t, 1, gets["GET /blobs/"+sha(m.weights())])
	require.Equal(t, 1, gets["GET /org/name/resolve/"+commitA+"/config.json"])
}

// TestWaitsForLock: another process downloads; it is waited for, and what it made is used.
func TestWaitsForLock(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	s := c.store(theRepo)
	path := s.lock(sha(m.weights()))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
	l := flock.New(path)
	require.NoError(t, l.Lock())
	c.Progress = func(e Event) {
		if e.State == Waiting {
			os.MkdirAll(filepath.Dir(s.blob("x")), 0o777)
			os.WriteFile(s.blob(sha(m.weights())), m.weights(), 0o666)
			l.Unlock()
		}
	}
	m.pull(t, c, theRepo)
	require.NotContains(t, m.seen(), "GET /blobs/"+sha(m.weights()))

	require.NoError(t, l.Lock())
	defer l.Unlock()
	c.Progress = nil
	c.Force = true
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Snapshot(ctx, theRepo)
	require.True(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
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
	if freeBytes(c.Cache) < 0 || freeBytes(c.Cache) > 1<<41 {
		t.Skip("the room is not known, or enough")
	}
	_, err := c.Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrCache)
	require.ErrorContains(t, err, "free")
	words(t, err)
}
