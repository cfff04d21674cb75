package hub

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Parse reads the name of a model on the hub:
//
//	ORG/NAME                      nvidia/C-RADIOv2-B
//	ORG/NAME@REVISION             a branch, a tag, refs/pr/1 or a commit
//	ORG/NAME/FILE[@REVISION]      one checkpoint of several, nvidia/RADIO/radio_v2.pth.tar
//	hf://ORG/NAME…                the same, also in Python's form hf://ORG/NAME@REVISION/FILE
//	https://huggingface.co/ORG/NAME[/tree/REVISION | /blob/REVISION/FILE | /resolve/REVISION/FILE]
//
// It returns false for anything else. A text that looks like the path of a file or folder is not a name: ./a/b, ../a, ~/a,
// /a/b, C:\a, a\b, and a/b.safetensors. Client.Parse also accepts addresses of the client's own hub.
func Parse(name string) (Repo, bool) { return parse(name, "") }

// Parse is like the function Parse, and also accepts addresses at the client's Endpoint.
func (c *Client) Parse(name string) (Repo, bool) { return parse(name, c.endpoint()) }

// hosts are the host names of the Hugging Face hub.
var hosts = []string{"huggingface.co", "www.huggingface.co", "hf.co"}

func parse(name, endpoint string) (Repo, bool) {
	var r Repo
	ok := false
	if rest, found := strings.CutPrefix(name, "hf://"); found {
		r, ok = parseBody(strings.TrimPrefix(rest, "models/"), true)
	} else if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		r, ok = parseURL(name, endpoint)
	} else if host, _, _ := strings.Cut(name, "/"); slices.Contains(hosts, strings.ToLower(host)) {
		r, ok = parseURL("https://"+name, endpoint)
	} else {
		r, ok = parseBody(name, false)
	}
	if !ok || r.check() != nil {
		return Repo{}, false
	}
	return r, true
}

// parseBody reads ORG/NAME[/FILE][@REVISION] and ORG/NAME@REVISION[/FILE]. sure says that the text cannot be a path.
func parseBody(body string, sure bool) (Repo, bool) {
	org, rest, found := strings.Cut(body, "/")
	if !found {
		return Repo{}, false
	}
	r := Repo{Org: org}
	name, rest, more := strings.Cut(rest, "/")
	name, revision, at := strings.Cut(name, "@")
	r.Name = name
	switch {
	case at:
		if more {
			revision += "/" + rest
		}
		r.Revision, r.File, found = splitRevision(revision)
		return r, found
	case more:
		r.File, r.Revision, at = strings.Cut(rest, "@")
		return r, IsWeights(r.File) && at == (r.Revision != "")
	}
	return r, sure || !IsWeights(name)
}

// specialRevision matches the revisions with a slash that the hub itself creates.
var specialRevision = regexp.MustCompile(`^refs/(?:convert/[\w.-]+|pr/\d+)`)

// splitRevision splits REVISION[/FILE]. If a file follows, a slash in a branch is written as %2F.
func splitRevision(s string) (revision, file string, ok bool) {
	revision, file, _ = strings.Cut(s, "/")
	if special := specialRevision.FindString(s); special != "" && (len(s) == len(special) || s[len(special)] == '/') {
		revision, file = special, strings.TrimPrefix(s[len(special):], "/")
	}
	if file != "" && !IsWeights(file) {
		revision, file = s, ""
	}
	revision = strings.ReplaceAll(revision, "%2F", "/")
	return revision, file, revision != ""
}

// parseURL reads the address of a page or of a file on the hub.
func parseURL(address, endpoint string) (Repo, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return Repo{}, false
	}
	p := u.EscapedPath()
	if e, err := url.Parse(endpoint); err == nil && endpoint != "" && strings.EqualFold(e.Host, u.Host) {
		rest, found := strings.CutPrefix(p, strings.TrimSuffix(e.EscapedPath(), "/"))
		if !found {
			return Repo{}, false
		}
		p = rest
	} else if !slices.Contains(hosts, strings.ToLower(u.Host)) {
		return Repo{}, false
	}
	parts := strings.Split(strings.Trim(p, "/"), "/")
	for i := range parts {
		if parts[i], err = url.PathUnescape(parts[i]); err != nil {
			return Repo{}, false
		}
	}
	if parts[0] == "models" {
		parts = parts[1:]
	}
	if len(parts) < 2 {
		return Repo{}, false
	}
	r := Repo{Org: parts[0], Name: parts[1]}
	if len(parts) <= 3 { // its page, or …/tree
		return r, len(parts) == 2 || parts[2] == "tree"
	}
	r.Revision = parts[3]
	rest := parts[4:]
	if whole := strings.Join(parts[3:], "/"); specialRevision.MatchString(whole) && !strings.Contains(r.Revision, "/") {
		r.Revision = specialRevision.FindString(whole)
		rest = parts[min(6, len(parts)):]
	}
	r.File = strings.Join(rest, "/")
	switch parts[2] {
	case "tree":
		return r, r.File == ""
	case "blob", "resolve", "raw", "blame":
		return r, r.File != ""
	}
	return Repo{}, false
}
