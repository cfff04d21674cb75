package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	commitA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	commitB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	secret  = "hf_secret"
)

// mock is a hub and the store of large files that it redirects to, with the repository org/name.
type mock struct {
	hub, store *httptest.Server
	commits    map[string]map[string][]byte // contents of the files of each commit
	refs       map[string]string
	gated      bool
	private    bool // wants the token
	noListing  bool // as a mirror that has only files

	onHub, onStore func(w http.ResponseWriter, r *http.Request) bool // faults: true if they have answered
	tag            func(name string, data []byte) string             // another tag for a file

	mu       sync.Mutex
	requests []string // METHOD PATH of every request, in order
	tokens   []string // that the store has seen
}

// newMock has the files at commit A, which is main.
func newMock(t *testing.T, files map[string][]byte) *mock {
	t.Helper()
	m := &mock{commits: map[string]map[string][]byte{commitA: files}, refs: map[string]string{"main": commitA}}
	m.hub = httptest.NewServer(http.HandlerFunc(m.serveHub))
	m.store = httptest.NewServer(http.HandlerFunc(m.serveStore))
	t.Cleanup(m.hub.Close)
	t.Cleanup(m.store.Close)
	return m
}

// model is what a repository holds: what is needed, what is stale, and what nobody asked for.
func model() map[string][]byte {
	return map[string][]byte{
		"config.json":                      []byte(`{"model_type": "radio"}`),
		"preprocessor_config.json":         []byte(`{"do_resize": true}`),
		"model.safetensors":                noise(200_000),
		"model.safetensors.index.json":     []byte(`{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}`),
		"model-00001-of-00002.safetensors": noise(1000),
		"model-00002-of-00002.safetensors": noise(1001),
		"radio.pth.tar":                    noise(5000),
		"README.md":                        []byte("# a model"),
		"hf_model.py":                      []byte("pass"),
	}
}

// noise is bytes that depend on their number alone.
func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(1, uint64(n)))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func isLarge(name string) bool { return IsWeights(name) }

func gitSum(data []byte) string {
	s := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(data)), data...))
	return hex.EncodeToString(s[:])
}

func sha(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

func (m *mock) etag(name string, data []byte) string {
	if m.tag != nil {
		return m.tag(name, data)
	}
	if isLarge(name) {
		return sha(data)
	}
	return gitSum(data)
}

func (m *mock) log(r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests = append(m.requests, r.Method+" "+r.URL.Path)
	if r.Host != m.hub.Listener.Addr().String() {
		m.tokens = append(m.tokens, r.Header.Get("Authorization"))
	}
}

// seen is the requests since the last call.
func (m *mock) seen() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.requests
	m.requests = nil
	return s
}

func refuse(w http.ResponseWriter, status int, code string) {
	if code != "" {
		w.Header().Set("X-Error-Code", code)
		w.Header().Set("X-Error-Message", "words of "+code)
	}
	w.WriteHeader(status)
}

func (m *mock) serveHub(w http.ResponseWriter, r *http.Request) {
	m.log(r)
	if m.onHub != nil && m.onHub(w, r) {
		return
	}
	api, isAPI := strings.CutPrefix(r.URL.EscapedPath(), "/api/models/org/name/revision/")
	file, isFile := strings.CutPrefix(r.URL.EscapedPath(), "/org/name/resolve/")
	authorised := r.Header.Get("Authorization") == "Bearer "+secret
	switch {
	case isAPI && m.noListing:
		http.NotFound(w, r)
	case !isAPI && !isFile:
		refuse(w, map[bool]int{true: 404, false: 401}[authorised], "RepoNotFound")
	case r.Header.Get("Authorization") != "" && !authorised:
		w.Header().Set("X-Error-Message", "Invalid credentials in Authorization header")
		w.WriteHeader(401)
	case m.private && !authorised:
		refuse(w, 401, "RepoNotFound")
	case m.gated && isFile:
		refuse(w, map[bool]int{true: 403, false: 401}[authorised], "GatedRepo")
	case isAPI:
		m.serveListing(w, api)
	default:
		m.serveFile(w, r, file)
	}
}

func (m *mock) find(escaped string) (commit string, files map[string][]byte) {
	revision, _ := url.PathUnescape(escaped)
	if c, ok := m.refs[revision]; ok {
		revision = c
	}
	return revision, m.commits[revision]
}

func (m *mock) serveListing(w http.ResponseWriter, revision string) {
	commit, files := m.find(revision)
	if files == nil {
		refuse(w, 404, "RevisionNotFound")
		return
	}
	siblings := []map[string]string{}
	for name := range files {
		siblings = append(siblings, map[string]string{"rfilename": name})
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{"id": "org/name", "sha": commit, "siblings": siblings, "private": m.private})
}

func (m *mock) serveFile(w http.ResponseWriter, r *http.Request, path string) {
	revision, escaped, _ := strings.Cut(path, "/")
	name, _ := url.PathUnescape(escaped)
	commit, files := m.find(revision)
	if files == nil {
		refuse(w, 404, "RevisionNotFound")
		return
	}
	w.Header().Set("X-Repo-Commit", commit)
	data, ok := files[name]
	if !ok {
		refuse(w, 404, "EntryNotFound")
		return
	}
	if isLarge(name) {
		w.Header().Set("X-Linked-Etag", `"`+m.etag(name, data)+`"`)
		w.Header().Set("X-Linked-Size", fmt.Sprint(len(data)))
		w.Header().Set("ETag", `"of the pointer"`)
		w.Header().Set("X-Xet-Hash", strings.Repeat("c", 64))
		w.Header().Set("Location", m.store.URL+"/blobs/"+sha(data)+"?signature=1")
		w.WriteHeader(302)
		return
	}
	w.Header().Set("ETag", `W/"`+m.etag(name, data)+`"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(data)))
}

func (m *mock) serveStore(w http.ResponseWriter, r *http.Request) {
	m.log(r)
	if m.onStore != nil && m.onStore(w, r) {
		return
	}
	if data := m.blobOf(r); data != nil {
		w.Header().Set("ETag", `"tag of the store"`)
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(data)))
		return
	}
	http.NotFound(w, r)
}

func (m *mock) blobOf(r *http.Request) []byte {
	for _, files := range m.commits {
		for _, data := range files {
			if strings.HasSuffix(r.URL.Path, "/"+sha(data)) {
				return data
			}
		}
	}
	return nil
}

// client uses a cache of its own. It does not wait between tries.
func (m *mock) client(t *testing.T) *Client {
	return &Client{Cache: t.TempDir(), Endpoint: m.hub.URL, StallTimeout: time.Minute, MetadataTimeout: time.Minute,
		Log: slog.New(slog.DiscardHandler), wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

var theRepo = Repo{Org: "org", Name: "name"}

// pull downloads and compares every file with what the hub has.
func (m *mock) pull(t *testing.T, c *Client, repo Repo) Snapshot {
	t.Helper()
	s, err := c.Snapshot(t.Context(), repo)
	require.NoError(t, err)
	m.check(t, s)
	return s
}

func (m *mock) check(t *testing.T, s Snapshot) {
	t.Helper()
	require.NotEmpty(t, s.Files)
	for _, f := range s.Files {
		data, err := os.ReadFile(s.Dir + "/" + f.Name)
		require.NoError(t, err)
		require.True(t, slices.Equal(m.commits[s.Revision][f.Name], data), f.Name)
		require.EqualValues(t, len(data), f.Size)
	}
}

func names(s Snapshot) []string {
	var n []string
	for _, f := range s.Files {
		n = append(n, f.Name)
	}
	return n
}

// flaky answers with the whole file, of which only n bytes come before the connection is cut.
func cutAfter(w http.ResponseWriter, r *http.Request, data []byte, n int) {
	rec := httptest.NewRecorder()
	http.ServeContent(rec, r, "", time.Time{}, strings.NewReader(string(data)))
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes()[:min(n, rec.Body.Len())])
	w.(http.Flusher).Flush()
	if n < rec.Body.Len() {
		hijack(w)
	}
}

func hijack(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
		return
	}
	panic(http.ErrAbortHandler)
}
