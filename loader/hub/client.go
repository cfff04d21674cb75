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

// Client downloads models from a hub into a cache that it shares with Python's huggingface_hub. FromEnvironment returns one
// with the settings of the environment. Set the fields before the first use. After that it is safe for concurrent use.
type Client struct {
	Cache    string // folder of the cache; the first download creates it
	Endpoint string // address of the hub; empty for https://huggingface.co

	Token     string // sent only to Endpoint; may be empty
	TokenFrom string // origin of the token, for messages: a variable or a file

	Offline   bool // make no request
	Force     bool // download again, even files in the cache
	CopyFiles bool // write files instead of links in snapshots

	MetadataTimeout time.Duration // for the answer to a request; 0 for 10 s
	StallTimeout    time.Duration // for the next byte of a download; 0 for 10 s
	Parallel        int           // files to download at once; 0 for 3

	UserAgent string            // empty for "cradio"
	Transport http.RoundTripper // nil for the default, with the proxies of http.ProxyFromEnvironment
	Progress  func(Event)       // is called with the progress of downloads, never concurrently; may be nil
	Log       *slog.Logger      // nil for slog.Default

	tokenFailure error // why the token from the environment cannot be used
	reporting    sync.Mutex
	making       sync.Once
	http         *http.Client
	wait         func(context.Context, time.Duration) error // nil except in tests
}

const (
	defaultEndpoint = "https://huggingface.co"
	defaultTimeout  = 10 * time.Second // as Python's
)

func (c *Client) endpoint() string               { return cmp.Or(c.Endpoint, defaultEndpoint) }
func (c *Client) metadataTimeout() time.Duration { return cmp.Or(c.MetadataTimeout, defaultTimeout) }
func (c *Client) stallTimeout() time.Duration    { return cmp.Or(c.StallTimeout, defaultTimeout) }
func (c *Client) log() *slog.Logger              { return cmp.Or(c.Log, slog.Default()) }

// client returns the HTTP client, made once. It does not follow redirects by itself: whether the token is sent depends on
// where a redirect leads.
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

// Resolve returns the path on disk of a model, given its name (see Parse): the folder of a snapshot with all the files that
// the model needs, or one file if the name includes it. Missing files are downloaded first. Errors are those of Snapshot.
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

// Event is the progress of a download.
type Event struct {
	Repo        string // ORG/NAME
	File        string // path in the repository
	State       State
	Done, Total int64  // bytes on disk, and of the whole file; Total is -1 while it is unknown
	Note        string // why it waits or retries; may be empty
}

// State is what happens to a file.
type State int

const (
	Waiting     State = iota // for another process that downloads the same file
	Downloading              // also when an earlier download is resumed
	Retrying                 // after a failure
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
