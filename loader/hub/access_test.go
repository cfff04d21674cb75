package hub

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAccess: what each refusal means, in words.
func TestAccess(t *testing.T) {
	for _, c := range []struct {
		name           string
		private, gated bool
		token          string
		repo           Repo
		kind           error
		says           []string
	}{
		{"missing", false, false, "", Repo{Org: "no", Name: "such"}, ErrRepository, []string{"no/such", "private or gated", "HF_TOKEN", "/settings/tokens", "folder"}},
		{"missing, with token", false, false, secret, Repo{Org: "no", Name: "such"}, ErrRepository, []string{"from MY_TOKEN"}},
		{"private", true, false, "", theRepo, ErrRepository, []string{"HF_TOKEN"}},
		{"bad token", true, false, "hf_bad", theRepo, ErrToken, []string{"rejects the token (from MY_TOKEN)", "HF_HUB_DISABLE_IMPLICIT_TOKEN"}},
		{"gated", false, true, "", theRepo, ErrGated, []string{"accept the terms at", "/org/name", "HF_TOKEN"}},
		{"gated, with token", false, true, secret, theRepo, ErrGated, []string{"accept the terms at", "from MY_TOKEN"}},
		{"file", false, false, "", Repo{Org: "org", Name: "name", File: "none.pth"}, ErrFile, []string{"none.pth", "radio.pth.tar"}},
		{"revision", false, false, "", Repo{Org: "org", Name: "name", Revision: "v3"}, ErrRevision, []string{`"v3"`}},
	} {
		m := newMock(t, model())
		m.private, m.gated = c.private, c.gated
		client := m.client(t)
		client.Token, client.TokenFrom = c.token, "MY_TOKEN"
		_, err := client.Snapshot(t.Context(), c.repo)
		require.ErrorIs(t, err, c.kind, c.name)
		for _, s := range c.says {
			require.Contains(t, err.Error(), s, c.name)
		}
		require.NotContains(t, err.Error(), "hf_", c.name)
		words(t, err)
	}
	m := newMock(t, model())
	m.private = true
	client := m.client(t)
	client.Token = secret
	m.pull(t, client, theRepo)
}

// TestNoLongerAllowed: what is in the cache serves on, as in Python.
func TestNoLongerAllowed(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	s := m.pull(t, c, theRepo)
	m.private = true
	require.Equal(t, s.Dir, m.pull(t, c, theRepo).Dir)
}

// TestNoHub: a page instead of an answer.
func TestNoHub(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"page": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte("<html>log in"))
		},
		"not found": http.NotFound,
		"json": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(`{"a": 1}`))
		},
		"teapot": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) },
		"loop":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
		"file": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(302)
		},
		"long": func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, maxAnswer+1)) },
	} {
		s := httptest.NewServer(answer)
		c := (&mock{hub: s}).client(t)
		_, err := c.Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrNotHub, name)
		require.ErrorContains(t, err, "HF_ENDPOINT", name)
		words(t, err)
		s.Close()
	}
}

// TestRenamed: redirects on the hub are followed with the token.
func TestRenamed(t *testing.T) {
	m := newMock(t, model())
	m.private = true
	var renamed atomic.Bool
	m.onHub = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/was/called/") && !strings.Contains(r.URL.Path, "/was/called") {
			return false
		}
		renamed.Store(true)
		w.Header().Set("Location", strings.Replace(r.URL.EscapedPath(), "was/called", "org/name", 1))
		w.WriteHeader(307)
		return true
	}
	c := m.client(t)
	c.Token = secret
	s := m.pull(t, c, Repo{Org: "was", Name: "called"})
	require.True(t, renamed.Load())
	require.Contains(t, s.Dir, "models--was--called")
	for _, token := range m.tokens {
		require.Empty(t, token)
	}
}

// TestStoreOnTheHub: large files behind a redirect to the hub's own address, in the several ways that mirrors tag it.
func TestStoreOnTheHub(t *testing.T) {
	for name, linked := range map[string]bool{"X-Linked-Etag": true, "ETag": false} {
		m := newMock(t, model())
		m.private = true
		m.onHub = func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(r.URL.Path, "/blobs/") {
				if r.Method == http.MethodHead {
					w.WriteHeader(http.StatusMethodNotAllowed)
					return true
				}
				m.serveStore(w, r)
				return true
			}
			if !strings.HasSuffix(r.URL.Path, "/model.safetensors") {
				return false
			}
			w.Header().Set("X-Repo-Commit", commitA)
			w.Header().Set("ETag", `"`+sha(m.weights())+`"`)
			if linked {
				w.Header().Set("X-Linked-Etag", `"`+sha(m.weights())+`"`)
			}
			http.Redirect(w, r, "/blobs/"+sha(m.weights()), http.StatusFound)
			return true
		}
		c := m.client(t)
		c.Token = secret
		require.Len(t, m.pull(t, c, theRepo).Files, 3, name)
	}
}

// TestTokenStaysAtHome: no other host, port or scheme sees it, wherever redirects lead, and back.
func TestTokenStaysAtHome(t *testing.T) {
	var mu sync.Mutex
	var stolen []string
	var m *mock
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		stolen = append(stolen, r.Header.Get("Authorization")+r.Header.Get("Cookie"))
		mu.Unlock()
		http.Redirect(w, r, m.hub.URL+"/back"+r.URL.Path, http.StatusFound)
	}))
	defer thief.Close()
	m = newMock(t, model())
	m.onHub = func(w http.ResponseWriter, r *http.Request) bool {
		if path, back := strings.CutPrefix(r.URL.Path, "/back"); back {
			require.Empty(t, r.Header.Get("Authorization"), "the token came back from elsewhere")
			r.URL.Path = path
			return false
		}
		http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusFound)
		return true
	}
	c := m.client(t)
	c.Token = secret
	m.pull(t, c, theRepo)
	require.NotEmpty(t, stolen)
	for _, s := range stolen {
		require.Empty(t, s)
	}
}

func TestIsHub(t *testing.T) {
	for _, c := range []struct {
		endpoint, address string
		want              bool
	}{
		{"https://huggingface.co", "https://huggingface.co/a", true},
		{"https://huggingface.co", "https://HuggingFace.co:443/a", true},
		{"https://huggingface.co", "http://huggingface.co/a", false},
		{"https://huggingface.co", "https://huggingface.co.evil.org/a", false},
		{"https://huggingface.co", "https://cdn-lfs.huggingface.co/a", false},
		{"https://huggingface.co", "https://huggingface.co:8443/a", false},
		{"http://mirror", "https://mirror/a", true},
		{"http://mirror:8080", "https://mirror/a", false},
		{"http://127.0.0.1:1", "http://127.0.0.1:2", false},
	} {
		u, err := url.Parse(c.address)
		require.NoError(t, err)
		require.Equal(t, c.want, (&Client{Endpoint: c.endpoint}).isHub(u), "%v", c)
	}
}

// TestUntrusted: a certificate that nobody vouches for is not asked again and again.
func TestUntrusted(t *testing.T) {
	tries := 0
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { tries++; return nil, nil }}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	_, err := (&mock{hub: s}).client(t).Snapshot(t.Context(), theRepo)
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, "SSL_CERT_FILE")
	require.Equal(t, 1, tries)
	words(t, err)
}

// TestNobodyThere: names and ports that do not answer.
func TestNobodyThere(t *testing.T) {
	m := newMock(t, model())
	c := m.client(t)
	for _, endpoint := range []string{"http://127.0.0.1:1", "http://no-such-host.invalid"} {
		c.Endpoint = endpoint
		_, err := c.Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrUnreachable)
		require.ErrorContains(t, err, "HTTPS_PROXY")
		words(t, err)
	}
}

// TestProxy: the environment's proxy is used, in a process of its own, since Go reads these variables once.
func TestProxy(t *testing.T) {
	if dir := os.Getenv("HUB_TEST_PROXY_CACHE"); dir != "" {
		c, err := FromEnvironment(os.Getenv)
		require.NoError(t, err)
		_, err = c.Snapshot(t.Context(), theRepo)
		require.NoError(t, err)
		return
	}
	m := newMock(t, model())
	m.store.URL = "http://store.example"
	var mu sync.Mutex
	hosts := map[string]int{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hosts[r.URL.Host]++
		mu.Unlock()
		if strings.HasPrefix(r.URL.Path, "/blobs/") {
			m.serveStore(w, r)
			return
		}
		r.Host = m.hub.Listener.Addr().String()
		m.serveHub(w, r)
	}))
	defer proxy.Close()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestProxy$")
	cmd.Env = append(os.Environ(), "HUB_TEST_PROXY_CACHE="+dir, "HF_HUB_CACHE="+dir, "HF_ENDPOINT=http://hub.example", "HTTP_PROXY="+proxy.URL, "NO_PROXY=", "HF_HUB_OFFLINE=", "HF_TOKEN="+secret)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	mu.Lock()
	defer mu.Unlock()
	require.NotZero(t, hosts["hub.example"])
	require.NotZero(t, hosts["store.example"])
	c := m.client(t)
	c.Cache, c.Offline = dir, true
	m.pull(t, c, theRepo)
}
