package hub

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cradio/loader"
)

// The kinds of errors, for errors.Is. They are wrapped in a *loader.Error, which tells what to do.
var (
	ErrName        = errors.New("not the name of a model on the hub")
	ErrRepository  = errors.New("no such repository, or no access to it")
	ErrRevision    = errors.New("no such revision")
	ErrFile        = errors.New("no such file")
	ErrGated       = errors.New("the repository is gated")
	ErrToken       = errors.New("the hub rejects the token")
	ErrSeveral     = errors.New("several checkpoints")
	ErrNotCached   = errors.New("not in the cache")
	ErrUnreachable = errors.New("the hub cannot be reached")
	ErrNotHub      = errors.New("the server is not a hub")
	ErrDamaged     = errors.New("the downloaded file is not the file that the hub lists")
	ErrCache       = errors.New("the cache cannot be written")
)

func notAName(name string) error {
	return &loader.Error{File: quote(name), Want: "ORG/NAME, as in nvidia/C-RADIOv2-B", Found: "something else",
		Do: "see the address of its page: huggingface.co/ORG/NAME", Err: ErrName}
}

// both returns an error of a kind and with a cause.
func both(kind, cause error) error {
	if cause == nil {
		return kind
	}
	return fmt.Errorf("%w: %w", kind, cause)
}

// refusal returns the error for an unsuccessful answer. item is the file, or empty.
func (c *Client) refusal(repo Repo, item string, a *answer) error {
	code, message := a.header.Get("X-Error-Code"), a.message()
	e := &loader.Error{File: repo.ID(), Item: item, Found: fmt.Sprintf("the hub answers %d %s", a.status, http.StatusText(a.status))}
	if message != "" {
		e.Found += ", " + quote(message)
	}
	page := c.shown() + "/" + repo.ID()
	switch {
	case code == "GatedRepo":
		e.Found, e.Err = "the repository is gated: you must accept its terms first", ErrGated
		e.Do = fmt.Sprintf("log in and accept the terms at %s, then set HF_TOKEN to a token from %s", page, c.tokenPage())
		if a.sentToken {
			e.Do = fmt.Sprintf("accept the terms at %s with the account of the token (from %s)", page, c.TokenFrom)
		}
	case a.status == http.StatusForbidden && strings.Contains(message, "Access to this resource is disabled"):
		e.Found, e.Err, e.Do = "the hub has disabled access to the repository", ErrRepository, "see "+page
	case code == "RevisionNotFound":
		e.Item, e.Found, e.Err = "revision "+quote(repo.revision()), "the repository has no such branch, tag or commit", ErrRevision
		e.Do = "its branches are listed at " + page + "/tree/" + DefaultRevision
	case code == "EntryNotFound":
		e.Found, e.Err = "the repository has no such file at revision "+quote(repo.revision()), ErrFile
		e.Do = "its files are listed at " + page + "/tree/" + url.PathEscape(repo.revision())
	case a.status == http.StatusUnauthorized && a.sentToken && code != "RepoNotFound":
		e.Found, e.Err = fmt.Sprintf("the hub rejects the token (from %s)", c.TokenFrom), ErrToken
		e.Do = fmt.Sprintf("create a new one at %s; public repositories need none: set HF_HUB_DISABLE_IMPLICIT_TOKEN=1", c.tokenPage())
	case code == "RepoNotFound" || a.status == http.StatusUnauthorized:
		e.Found, e.Err = "the hub has no such repository, or it is private or gated", ErrRepository
		e.Do = fmt.Sprintf("check the name at %s; for a private or gated one set HF_TOKEN to a token from %s, or log in with Python's `hf auth login`; if you meant a folder, check its path", page, c.tokenPage())
		if a.sentToken {
			e.Found = fmt.Sprintf("the hub has no such repository, or the token (from %s) has no access to it", c.TokenFrom)
			e.Do = fmt.Sprintf("check the name at %s, and that the token is valid and has access to it: %s; if you meant a folder, check its path", page, c.tokenPage())
		}
	case a.status == http.StatusForbidden:
		e.Err, e.Do = ErrRepository, fmt.Sprintf("check that %s opens in a browser; a token needs permission to read it: %s", page, c.tokenPage())
	case a.status == http.StatusNotFound:
		e.Err, e.Do = ErrRepository, fmt.Sprintf("check the name at %s, and HF_ENDPOINT if it is set", page)
	case a.status == http.StatusProxyAuthRequired:
		e.Found, e.Err, e.Do = "the proxy needs a password", ErrUnreachable, "give it in HTTPS_PROXY, as in http://user:password@proxy:port"
	case a.status == http.StatusTooManyRequests:
		e.Err, e.Do = ErrUnreachable, "too many requests from this address: wait some minutes; a token in HF_TOKEN raises the limit"
		if d := a.retryAfter(); d > 0 {
			e.Do = fmt.Sprintf("too many requests from this address: wait %v; a token in HF_TOKEN raises the limit", d)
		}
	case a.status >= 500 || a.status == http.StatusRequestTimeout:
		e.Err, e.Do = ErrUnreachable, "the hub has a problem: try again later; what was downloaded is kept"
	default:
		e.Err, e.Do = ErrNotHub, "check HF_ENDPOINT, and whether a proxy or firewall is between this machine and "+c.shown()
	}
	if isTemporary(a.status) {
		return &temporary{error: e, after: a.retryAfter()}
	}
	return e
}

func isTemporary(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented
}

func (c *Client) tokenPage() string { return c.shown() + "/settings/tokens" }

// shown returns the hub's address without a password.
func (c *Client) shown() string {
	u, err := url.Parse(c.endpoint())
	if err != nil {
		return defaultEndpoint
	}
	u.User = nil
	return u.String()
}

// notHub returns the error for an answer that does not come from a hub.
func (c *Client) notHub(repo Repo, item, found string) error {
	return &loader.Error{File: repo.ID(), Item: item, Want: "a hub's answer from " + c.shown(), Found: found,
		Do: "check HF_ENDPOINT if it is set, and whether a proxy or a login page of the network answers instead", Err: ErrNotHub}
}

// unreachable returns the error for a request without an answer. Errors other than the network's are unchanged.
func (c *Client) unreachable(ctx context.Context, repo Repo, item string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var told *loader.Error
	if errors.As(err, &told) {
		return err
	}
	if errors.Is(err, errAnswer) {
		return c.notHub(repo, item, "an answer that is "+err.Error())
	}
	e := &loader.Error{File: repo.ID(), Item: item, Found: reason(err), Err: both(ErrUnreachable, err)}
	var dns *net.DNSError
	var op *net.OpError
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown), errors.As(err, &hostname), errors.As(err, &invalid), errors.As(err, &verify):
		e.Do = "the server's certificate is not trusted: if a proxy inspects traffic, set SSL_CERT_FILE to its certificate; check this machine's clock"
		return e // a retry would fail too
	case errors.As(err, &record):
		e.Do = "the server does not use TLS: check HF_ENDPOINT and HTTPS_PROXY"
		return e
	case errors.As(err, &op) && op.Op == "proxyconnect", strings.Contains(strings.ToLower(e.Found), "proxy"):
		e.Do = "the proxy failed: check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
	case errors.As(err, &dns):
		e.Do = "check the network, HF_ENDPOINT if it is set, and whether a proxy is needed (HTTPS_PROXY)"
	default:
		e.Do = "check the network, and whether a proxy is needed (HTTPS_PROXY); what was downloaded is kept, and the same command resumes there"
	}
	return &temporary{error: e, deaf: true}
}

// reason returns a network error without the address, which may contain secrets.
func reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text := err.Error()
	switch {
	case errors.Is(err, errStalled):
		text = errStalled.Error()
	case errors.Is(err, context.DeadlineExceeded):
		text = "no answer in time"
	}
	return text
}

// notWritten returns the error for a file of the cache that was not written.
func notWritten(path string, err error) error {
	var told *loader.Error
	if errors.As(err, &told) {
		return err
	}
	e := &loader.Error{File: path, Item: "not written", Found: diskReason(err), Err: both(ErrCache, err)}
	switch {
	case isDiskFull(err):
		e.Do = "the disk is full: free some space, or choose another disk with HF_HUB_CACHE; what was downloaded is kept"
	case isReadOnly(err), errors.Is(err, fs.ErrPermission):
		e.Do = "the cache is read-only: make it writable, or choose another folder with HF_HUB_CACHE"
	default:
		e.Do = "check the folder, or choose another with HF_HUB_CACHE"
	}
	return e
}

func diskReason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// quote shows text from elsewhere safely: escaped, and shortened if long.
func quote(s string) string {
	const longest = 120
	if len(s) > longest {
		return strconv.QuoteToASCII(s[:longest]) + "…"
	}
	return strconv.Quote(s)
}

// list shows up to ten of the items, and how many more there are.
func list(items []string) string {
	const most = 10
	if len(items) == 0 {
		return "none"
	}
	var shown []string
	for i, item := range items {
		if i == most {
			shown = append(shown, fmt.Sprintf("and %d more", len(items)-most))
			break
		}
		shown = append(shown, quote(item))
	}
	return strings.Join(shown, ", ")
}
