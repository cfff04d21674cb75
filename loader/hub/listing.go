package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cradio/loader/strictjson"
)

// listing is the hub's description of a revision.
type listing struct {
	commit  string
	files   []string
	guessed bool // the server does not list files: these were found by name
}

const maxFiles = 500_000 // of a repository

// parseListing reads the answer to /api/models/ORG/NAME/revision/REVISION.
func parseListing(text []byte) (listing, error) {
	var answer struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Name string `json:"rfilename"`
		} `json:"siblings"`
	}
	if err := strictjson.Unmarshal(text, strictjson.Limits{Bytes: maxAnswer}, &answer); err != nil {
		return listing{}, fmt.Errorf("not JSON: %w", err)
	}
	if !someCommit.MatchString(answer.SHA) {
		return listing{}, fmt.Errorf("want a commit, found %s", quote(answer.SHA))
	}
	if len(answer.Siblings) > maxFiles {
		return listing{}, fmt.Errorf("%d files, more than %d", len(answer.Siblings), maxFiles)
	}
	l := listing{commit: answer.SHA}
	for _, s := range answer.Siblings {
		if isFile(s.Name) { // other names are unsafe in a folder, and no needed file has one
			l.files = append(l.files, s.Name)
		}
	}
	return l, nil
}

// list asks the hub for the commit of a revision and its files.
func (c *Client) list(ctx context.Context, repo Repo, most int) (listing, error) {
	address := c.endpoint() + "/api/models/" + repo.ID() + "/revision/" + url.PathEscape(repo.revision())
	for t := (tries{most: most, deaf: whileDeaf}); ; {
		l, err := c.listOnce(ctx, repo, address)
		if err == nil {
			return l, nil
		}
		if err = t.again(ctx, c, err, false); err != nil {
			return listing{}, err
		}
	}
}

func (c *Client) listOnce(ctx context.Context, repo Repo, address string) (listing, error) {
	a, err := c.ask(ctx, http.MethodGet, address, always)
	if err != nil {
		return listing{}, c.unreachable(ctx, repo, "", err)
	}
	unknown := a.status == http.StatusNotFound || a.status == http.StatusMethodNotAllowed || a.status == http.StatusNotImplemented
	isJSON := strings.Contains(a.header.Get("Content-Type"), "json") || len(a.body) > 0 && a.body[0] == '{'
	switch {
	case unknown && a.header.Get("X-Error-Code") == "", a.status == http.StatusOK && !isJSON:
		c.log().Debug("the hub lists no files: requesting each by name", "address", a.url.Redacted(), "status", a.status)
		return c.probe(ctx, repo)
	case a.status != http.StatusOK:
		return listing{}, c.refusal(repo, "", a)
	}
	l, err := parseListing(a.body)
	if err != nil {
		return listing{}, c.notHub(repo, "", err.Error())
	}
	return l, nil
}

// probe finds which of the files that a model may need exist, on a mirror that does not list files.
func (c *Client) probe(ctx context.Context, repo Repo) (listing, error) {
	l := listing{guessed: true}
	names := []string{configFile, processorFile, weightsFile, indexFile, torchFile}
	if repo.File != "" {
		names = append([]string{repo.File}, names[:2]...)
	}
	for _, name := range names {
		if slices.ContainsFunc(l.files, func(f string) bool { return f == indexFile || IsWeights(f) }) && repo.File == "" {
			break
		}
		m, err := c.metadataOnce(ctx, repo, repo.revision(), name)
		var absent *noEntry
		switch {
		case errors.As(err, &absent):
			l.commit = cmp.Or(l.commit, absent.commit)
			continue
		case err != nil:
			return listing{}, err
		case l.commit != "" && m.commit != l.commit:
			return listing{}, &temporary{error: moved(repo, name, m.commit, l.commit)}
		}
		l.commit = m.commit
		l.files = append(l.files, name)
	}
	if l.commit == "" {
		return listing{}, c.notHub(repo, "", "no files of a model, and no commit")
	}
	return l, nil
}
