package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// pattern is a path with *, ?, [a-z], {a,b} or ** in it. ** matches any number of
// folders. * does not match hidden files, as in shells.
type pattern struct {
	base  string // the folder that contains every match
	below string // the pattern below base, with the system's path separator
	named bool   // it names an extension: '*.dat'

	steps []string // the patterns of folders and, last, of a file, up to the first that can match several levels
	open  bool     // after steps it can match at any depth
}

func newPattern(text string) pattern {
	base, rest := doublestar.SplitPattern(filepath.ToSlash(filepath.Clean(text)))
	p := pattern{below: filepath.FromSlash(rest), base: filepath.FromSlash(base)}
	for name := range strings.SplitSeq(rest, "/") {
		if p.open = strings.Contains(name, "**") || strings.Count(name, "{") != strings.Count(name, "}"); p.open {
			break // braces around a / are not split
		}
		p.steps = append(p.steps, filepath.FromSlash(name))
	}
	if ext := filepath.Ext(rest); ext != "" && !strings.ContainsAny(ext, `*?[]{}/\`) {
		p.named = true
	}
	return p
}

// rel is a path relative to the base.
func (p *pattern) rel(path string) string {
	rel, err := filepath.Rel(p.base, path)
	if err != nil {
		return path // not below base: it matches nothing
	}
	return rel
}

// match reports whether the pattern matches a path, or a folder that contains it.
func (p *pattern) match(path string) (matched, named bool) {
	rel := p.rel(path)
	if doublestar.PathMatchUnvalidated(p.below, rel) {
		return true, p.named
	}
	return p.folder(filepath.Dir(rel)), false
}

// folder reports whether the pattern matches a folder, or a folder that contains it.
func (p *pattern) folder(rel string) bool {
	for ; rel != "."; rel = filepath.Dir(rel) {
		if doublestar.PathMatchUnvalidated(p.below, rel) {
			return true
		}
	}
	return false
}

// descend reports whether a folder may contain a match.
func (p *pattern) descend(dir string) bool {
	rel := p.rel(dir)
	names := strings.Split(rel, string(filepath.Separator))
	for i := range min(len(names), len(p.steps)) {
		if !doublestar.PathMatchUnvalidated(p.steps[i], names[i]) {
			return false
		}
	}
	return p.open || len(names) < len(p.steps) || p.folder(rel)
}

// addPattern adds the images that a pattern matches, and the images in folders that it matches.
func (in *inputs) addPattern(text string) error {
	if !doublestar.ValidatePattern(filepath.ToSlash(text)) {
		return usage(in.cmd, "%s: not a pattern: a [ or { is not closed", shown(text))
	}
	p := newPattern(text)
	s := newSearch(in.cmd.Context())
	s.match, s.descend = p.match, p.descend
	for name := range strings.SplitSeq(filepath.ToSlash(p.below), "/") {
		s.hidden = s.hidden || strings.HasPrefix(name, ".")
	}
	if err := s.folder(p.base); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("searching %s: %w", shown(p.base), err)
	}
	return in.take(s, text, "no images match")
}
