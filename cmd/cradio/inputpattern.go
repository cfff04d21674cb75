package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// pattern is a path with *, ?, [a-z], {a,b} or ** in it. ** stands for any number of
// folders, and * leaves out hidden files, as in shells.
type pattern struct {
	whole string // with the base, in the form of the system's paths
	base  string // the folder that holds everything it can match
	rest  int    // names after the base, -1 for any number
	named bool   // it says itself which extension: '*.dat'
}

func newPattern(text string) pattern {
	base, rest := doublestar.SplitPattern(filepath.ToSlash(text))
	p := pattern{whole: filepath.FromSlash(rest), base: filepath.FromSlash(base), rest: 1 + strings.Count(rest, "/")}
	if braces := rest[strings.Index(rest+"{", "{"):]; strings.Contains(rest, "**") || strings.Contains(braces, "/") {
		p.rest = -1
	}
	if ext := filepath.Ext(rest); ext != "" && !strings.ContainsAny(ext, `*?[]{}/\`) {
		p.named = true
	}
	return p
}

// below is a path as names below the base.
func (p *pattern) below(path string) string {
	rel, err := filepath.Rel(p.base, path)
	if err != nil {
		return path // not below: it matches nothing
	}
	return rel
}

// match says whether the pattern matches a path, or a folder that the path is in.
func (p *pattern) match(path string) (matched, named bool) {
	rel := p.below(path)
	if doublestar.PathMatchUnvalidated(p.whole, rel) {
		return true, p.named
	}
	return p.folder(filepath.Dir(rel)), false
}

// folder says whether the pattern matches a folder or one that it is in.
func (p *pattern) folder(rel string) bool {
	for ; rel != "."; rel = filepath.Dir(rel) {
		if doublestar.PathMatchUnvalidated(p.whole, rel) {
			return true
		}
	}
	return false
}

// descend says whether there may be a match in a folder.
func (p *pattern) descend(dir string) bool {
	rel := p.below(dir)
	return p.rest < 0 || strings.Count(rel, string(filepath.Separator))+1 < p.rest || p.folder(rel)
}

// addPattern adds the images that a pattern matches, and those in folders that it matches.
func (in *inputs) addPattern(text string) error {
	if !doublestar.ValidatePattern(filepath.ToSlash(text)) {
		return usage(in.cmd, "%s: not a pattern: a [ or { is not closed", shown(text))
	}
	p := newPattern(text)
	s := newSearch(in.cmd.Context())
	s.match, s.descend = p.match, p.descend
	for name := range strings.SplitSeq(filepath.ToSlash(p.whole), "/") {
		s.hidden = s.hidden || strings.HasPrefix(name, ".")
	}
	if err := s.folder(p.base); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("searching %s: %w", shown(p.base), err)
	}
	return in.take(s, text, "no images match")
}
