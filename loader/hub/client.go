package hub

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"
)

// Client fetches models from a hub into a cache that it shares with Python's huggingface_hub. FromEnvironment makes one as
// the environment says. Fields are set before the first use; then it is safe for concurrent use.
type Client struct {
	Cache    string // folder of the cache; it is made when something is downloaded
	Endpoint string // address of the hub; empty for https://huggingface.co

	Token     string // sent to Endpoint alone; may be empty
	TokenFrom string // where it comes from, for messages: a variable or a file

	Offline   bool // make no request
	Force     bool // download again what the cache has
	CopyFiles bool // files instead of links in snapshots

	MetadataTimeout time.Duration // for an answer to a question; 0 for 10 s
	StallTimeout    time.Duration // for the next byte of a download; 0 for 10 s
	Parallel        int           // files to download at once; 0 for 3

	UserAgent string            // empty for "cradio"
	Transport http.RoundTripper // nil for one with the proxies of http.ProxyFromEnvironment
	Progress  func(Event)       // is told how far downloads are, one call at a time; nil for none
	Log       *slog.Logger      // nil for slog.Default

	tokenFailure error // why the token that the environment names cannot be used
	reporting    sync.Mutex
	making       sync.Once
	http         *http.Client
	wait         func(context.Context, time.Duration) error // nil but in tests
}

const (
	defaultEndpoint = "https://huggingface.co"
	defaultTimeout  = 10 * time.Second // as Python's
)

func (c *Client) endpoint() string               { return cmp.Or(c.Endpoint, defaultEndpoint) }
func (c *Client) metadataTimeout() time.Duration { return cmp.Or(c.MetadataTimeout, defaultTimeout) }
func (c *Client) stallTimeout() time.Duration    { return cmp.Or(c.StallTimeout, defaultTimeout) }
func (c *Client) log() *slog.Logger              { return cmp.Or(c.Log, slog.Default()) }

// client is the HTTP client, made once. It follows no redirect by itself: where a redirect leads decides whether the
// token goes along.
func (c *Client) client() *http.Client {
	c.making.Do(func() {
		transport := c.Transport
		if transport == nil {
			transport = &http.Transport{
				Proxy:                  http.ProxyFromEnvironment,
				DialContext:            (&net.Dialer{Timeout: c.metadataTimeout(), KeepAlive: 30 * time.Second}).DialContext,
				TLSHandshakeTimeout:    c.metadataTimeout(),
				IdleConnTimeout:        90 * time.Second,
				MaxResponseHeaderBytes: 1 << 20,
				ForceAttemptHTTP2:      true,
			}
		}
		c.http = &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	})
	return c.http
}

// sleep waits unless the context ends.
func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	if c.wait != nil {
		return c.wait(ctx, d)
	}
	return pause(ctx, d)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Resolve gives the path on disk of what name stands for, see Parse: the folder of a snapshot with all that a model needs,
// or the file where the name names one. What is missing is downloaded first. Errors are those of Snapshot.
func (c *Client) Resolve(ctx context.Context, name string) (path string, err error) {
	repo, ok := c.Parse(name)
	if !ok {
		return "", notAName(name)
	}
	s, err := c.Snapshot(ctx, repo)
	if err != nil {
		return "", err
	}
	if repo.File != "" {
		return filepath.Join(s.Dir, filepath.FromSlash(repo.File)), nil
	}
	return s.Dir, nil
}

// Event is news of a download.
type Event struct {
	Repo        string // ORG/NAME
	File        string // path in the repository
	State       State
	Done, Total int64  // bytes on disk, and of the whole file; Total is -1 while it is unknown
	Note        string // why it waits or begins again; may be empty
}

// State is what happens to a file.
type State int

const (
	Waiting     State = iota // for another process that downloads the same file
	Downloading              // also when it goes on from what an earlier try left
	Retrying                 // something went wrong, and is tried again
	Finished                 // complete, checked, in the cache
)

func (c *Client) report(e Event) {
	if c.Progress == nil {
		return
	}
	c.reporting.Lock()
	defer c.reporting.Unlock()
	c.Progress(e)
}
