package hub

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cradio/loader"
)

// metadata is the hub's description of a file.
type metadata struct {
	file   string
	commit string
	etag   string // the name of its blob
	size   int64  // -1 if it is not known
}

// noEntry is the error of a file that does not exist.
type noEntry struct {
	error
	commit string // of the revision; may be empty
}

func (e *noEntry) Unwrap() error { return e.error }

// address returns the URL of a file.
func (c *Client) address(repo Repo, revision, file string) string {
	parts := strings.Split(file, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return c.endpoint() + "/" + repo.ID() + "/resolve/" + url.PathEscape(revision) + "/" + strings.Join(parts, "/")
}

// metadata asks the hub about a file of a commit.
func (c *Client) metadata(ctx context.Context, repo Repo, commit, file string) (metadata, error) {
	for t := (tries{most: inARow, deaf: whileDeaf}); ; {
		m, err := c.metadataOnce(ctx, repo, commit, file)
		if err == nil && m.commit != commit {
			err = moved(repo, file, m.commit, commit)
		}
		if err == nil {
			return m, nil
		}
		if err = t.again(ctx, c, err, false); err != nil {
			return metadata{}, err
		}
	}
}

func moved(repo Repo, file, found, want string) error {
	return &loader.Error{File: repo.ID(), Item: "file " + quote(file), Want: "commit " + want, Found: "commit " + quote(found),
		Do: "the repository is changing: try again", Err: ErrNotHub}
}

// metadataOnce makes one request. A redirect that carries the metadata is not followed: it leads to a store of blobs, which
// does not know repositories. Other redirects are those of a renamed repository or of a mirror.
func (c *Client) metadataOnce(ctx context.Context, repo Repo, revision, file string) (metadata, error) {
	item := "file " + quote(file)
	address := c.address(repo, revision, file)
	a, err := c.ask(ctx, http.MethodHead, address, func(resp *http.Response, to *url.URL) bool {
		known := resp.Header.Get("X-Repo-Commit") != ""
		if known && (resp.Header.Get("X-Linked-Etag") != "" || hexTag.MatchString(cleanETag(resp.Header.Get("ETag")))) {
			return false
		}
		return !known || sameOrigin(resp.Request.URL, to)
	})
	if err != nil {
		return metadata{}, c.unreachable(ctx, repo, item, err)
	}
	told := func(key string) string { // from the last response that has it
		v := a.header.Get(key)
		for i := len(a.trail) - 1; i >= 0 && v == ""; i-- {
			v = a.trail[i].Get(key)
		}
		return v
	}
	m := metadata{file: file, commit: told("X-Repo-Commit"), size: -1}
	if a.status >= 400 {
		err := c.refusal(repo, item, a)
		if code := a.header.Get("X-Error-Code"); code == "EntryNotFound" || a.status == http.StatusNotFound && code == "" && m.commit != "" {
			return m, &noEntry{err, safeCommit(m.commit)}
		}
		if a.status == http.StatusNotFound && a.header.Get("X-Error-Code") == "" {
			return m, &noEntry{err, ""}
		}
		return m, err
	}
	if m.commit == "" {
		return m, c.notHub(repo, item, "an answer without X-Repo-Commit")
	}
	if safeCommit(m.commit) == "" {
		return m, c.notHub(repo, item, "commit "+quote(m.commit))
	}
	etag := told("X-Linked-Etag")
	if etag == "" {
		etag = told("ETag")
	}
	if m.etag = cleanETag(etag); !isBlobName(m.etag) {
		return m, c.notHub(repo, item, "an answer with ETag "+quote(etag))
	}
	size := told("X-Linked-Size")
	if size == "" && a.status < 300 && a.header.Get("Content-Encoding") == "" {
		size = a.header.Get("Content-Length")
	}
	if size != "" {
		if m.size, err = strconv.ParseInt(size, 10, 64); err != nil || m.size < 0 || m.size > maxBlob {
			return m, c.notHub(repo, item, "a size of "+quote(size)+" bytes")
		}
	}
	return m, nil
}

const maxBlob = 1 << 42 // bytes

func safeCommit(s string) string {
	if someCommit.MatchString(s) {
		return s
	}
	return ""
}

// cleanETag removes quotes and the prefix of a weak tag.
func cleanETag(s string) string { return strings.Trim(strings.TrimPrefix(s, "W/"), `"`) }

// isBlobName reports whether a tag can be a file name on every system.
func isBlobName(s string) bool {
	return len(s) > 0 && len(s) <= 128 && s[0] != '.' && !strings.Contains(s, "..") && !strings.HasSuffix(s, ".") &&
		!strings.HasSuffix(s, ".incomplete") && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("._-", r))
	}) < 0
}
