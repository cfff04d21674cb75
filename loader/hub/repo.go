package hub

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cradio/loader"
)

// DefaultRevision is the branch for a name without a revision.
const DefaultRevision = "main"

// Repo names a model on the hub, and optionally one file of it.
type Repo struct {
	Org, Name string
	Revision  string // a branch, a tag, refs/pr/1 or a commit; empty for main
	File      string // the path in the repository of one checkpoint among several, with slashes; may be empty
	Text      bool   // its text tower is wanted: other files are needed, see chooseText
}

// ID returns ORG/NAME.
func (r Repo) ID() string { return r.Org + "/" + r.Name }

// String returns the name as Parse reads it: ORG/NAME, with /FILE and @REVISION if they are set.
func (r Repo) String() string {
	s := r.ID()
	if r.File != "" {
		s += "/" + r.File
	}
	if r.Revision != "" {
		s += "@" + r.Revision
	}
	return s
}

// asked is the name as `cradio pull` takes it.
func (r Repo) asked() string {
	if r.Text {
		return r.String() + " --text"
	}
	return r.String()
}

// revision returns the revision, or the default one.
func (r Repo) revision() string {
	if r.Revision == "" {
		return DefaultRevision
	}
	return r.Revision
}

// check returns an error for a name that the hub would reject, or that would lead out of the cache's folder.
func (r Repo) check() error {
	e := &loader.Error{File: r.String(), Item: "name on the hub", Do: "see the address of its page: huggingface.co/ORG/NAME"}
	switch {
	case !isName(r.Org) || !isName(r.Name) || strings.HasSuffix(r.Name, ".git") || slices.Contains(notModels, r.Org):
		e.Want, e.Found = "ORG/NAME of letters, digits and . _ -", quote(r.ID())
	case r.Revision != "" && !isRevision(r.Revision):
		e.Want, e.Found = "a branch, a tag or a commit", quote(r.Revision)
	case r.File != "" && !isFile(r.File):
		e.Want, e.Found = "the path of a file in the repository", quote(r.File)
	default:
		return nil
	}
	return e
}

// notModels are the first parts of addresses on the hub that are not models.
var notModels = []string{"datasets", "spaces", "kernels", "buckets", "models", "api", "docs", "settings", "resolve"}

// namePart is one part of a repository's name, by the rules of the hub's huggingface_hub/utils/_validators.py.
var namePart = regexp.MustCompile(`^\w([\w.-]{0,94}\w)?$`)

func isName(s string) bool {
	return namePart.MatchString(s) && !strings.Contains(s, "--") && !strings.Contains(s, "..")
}

var commit = regexp.MustCompile(`^[0-9a-f]{40}$`)

// isCommit reports whether a revision is a full commit hash, which never changes.
func isCommit(revision string) bool { return commit.MatchString(revision) }

var someCommit = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// isRevision reports whether s can be the name of a branch, a tag or a commit, and of a file below refs/.
func isRevision(s string) bool {
	if len(s) > 255 || strings.ContainsAny(s, " ~^:?*[\\<>|\"") || !isPrintable(s) {
		return false
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == "" || part[0] == '.' || part[0] == '-' || strings.Contains(part, "..") || strings.HasSuffix(part, ".lock") || strings.HasSuffix(part, ".") {
			return false
		}
	}
	return filepath.IsLocal(filepath.FromSlash(s))
}

// isFile reports whether s is a path in a repository that stays inside a folder on every system.
func isFile(s string) bool {
	if s == "" || len(s) > 1024 || strings.ContainsAny(s, `\:<>|?*"`) || !isPrintable(s) {
		return false
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == "" || part == "." || part == ".." || strings.HasSuffix(part, " ") || strings.HasSuffix(part, ".") {
			return false
		}
	}
	return filepath.IsLocal(filepath.FromSlash(s))
}

func isPrintable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
