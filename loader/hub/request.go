package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// answer is a response whose body has been read.
type answer struct {
	status    int
	header    http.Header
	body      []byte
	sentToken bool
	url       *url.URL
	trail     []http.Header // of the redirects that were followed
}

const (
	maxAnswer    = 32 << 20 // bytes of JSON
	maxRedirects = 10
)

// message returns the hub's message about a failure.
func (a *answer) message() string {
	if m := a.header.Get("X-Error-Message"); m != "" {
		return m
	}
	var body struct {
		Error any `json:"error"`
	}
	if json.Unmarshal(a.body, &body) != nil {
		return ""
	}
	text, _ := body.Error.(string)
	return text
}

// ask makes a request and reads the answer, with a timeout.
func (c *Client) ask(ctx context.Context, method, address string, follow follow) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.metadataTimeout())
	defer cancel()
	resp, a, err := c.send(ctx, method, address, nil, follow)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if method == http.MethodHead {
		return a, nil
	}
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1)); err != nil {
		return nil, err
	}
	if len(a.body) > maxAnswer {
		return nil, fmt.Errorf("%w: longer than %d MiB", errAnswer, maxAnswer>>20)
	}
	return a, nil
}

// follow reports whether to follow a redirect.
type follow func(resp *http.Response, to *url.URL) bool

func always(*http.Response, *url.URL) bool { return true }

// send makes a request, follows redirects, and returns the response with its body unread. The token is sent to the hub
// itself, not to other servers that it redirects to.
func (c *Client) send(ctx context.Context, method, address string, header http.Header, follow follow) (*http.Response, *answer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, nil, err
	}
	a := &answer{}
	trusted := true
	for range maxRedirects {
		req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
		if err != nil {
			return nil, nil, err
		}
		for k, v := range header {
			req.Header[k] = v
		}
		req.Header.Set("User-Agent", c.userAgent())
		req.Header.Set("Accept-Encoding", "identity") // so that lengths and ranges are those of the file
		trusted = trusted && c.isHub(u)
		if a.sentToken = trusted && c.Token != ""; a.sentToken {
			req.Header.Set("Authorization", "Bearer "+c.Token)
		}
		resp, err := c.client().Do(req)
		if err != nil {
			return nil, nil, err
		}
		a.status, a.header, a.url = resp.StatusCode, resp.Header, u
		to, err := location(resp, u)
		if err != nil {
			resp.Body.Close()
			return nil, nil, err
		}
		if to == nil || !follow(resp, to) {
			return resp, a, nil
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
		resp.Body.Close()
		a.trail = append(a.trail, resp.Header)
		u = to
	}
	return nil, nil, fmt.Errorf("%w: more than %d redirects", errAnswer, maxRedirects)
}

// location returns the target of a redirect, or nil if the response is not a redirect.
func location(resp *http.Response, from *url.URL) (*url.URL, error) {
	text := resp.Header.Get("Location")
	if resp.StatusCode < 300 || resp.StatusCode >= 400 || resp.StatusCode == http.StatusNotModified || text == "" {
		return nil, nil
	}
	to, err := from.Parse(text)
	if err == nil && (to.Scheme != "http" && to.Scheme != "https" || to.Host == "") {
		err = errors.New("the address is neither http nor https")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: a redirect to %s: %w", errAnswer, quote(text), err)
	}
	return to, nil
}

// isHub reports whether an address is at the client's own hub, which may receive the token. A redirect from http to https on
// the default ports is still the hub; one from https to http is not.
func (c *Client) isHub(u *url.URL) bool {
	hub, err := url.Parse(c.endpoint())
	if err != nil || !strings.EqualFold(hub.Hostname(), u.Hostname()) {
		return false
	}
	upgrade := hub.Scheme == "http" && port(hub) == "80" && u.Scheme == "https" && port(u) == "443"
	return upgrade || sameOrigin(hub, u)
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

func (c *Client) userAgent() string {
	if c.UserAgent == "" {
		return "cradio"
	}
	return c.UserAgent
}

// errAnswer is the cause of an error where the server is not a hub, so that a retry would fail too.
var errAnswer = errors.New("not understood")

// errStalled is the cause of an error where a download receives no data in time.
var errStalled = errors.New("no data in time")

// alarm cancels a context unless it is postponed in time.
type alarm struct {
	timer *time.Timer
	after time.Duration
}

func newAlarm(ctx context.Context, after time.Duration) (context.Context, *alarm, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	a := &alarm{time.AfterFunc(after, func() { cancel(errStalled) }), after}
	return ctx, a, func() { a.timer.Stop(); cancel(nil) }
}

func (a *alarm) putOff() { a.timer.Reset(a.after) }
