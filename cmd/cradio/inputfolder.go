package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// search finds images in folders, by their extensions. It skips hidden files and folders.
// It follows links, and searches each real folder once: under its own path, if both the
// folder and a link to it are found.
type search struct {
	ctx     context.Context
	readDir func(string) ([]fs.DirEntry, error)

	// For a pattern. match reports whether the pattern matches a path, and whether the
	// pattern names the path's extension. descend reports whether to search a folder.
	// nil matches and searches everything.
	match   func(path string) (matched, named bool)
	descend func(dir string) bool
	hidden  bool // hidden names are searched too

	found    []string
	left     leftOut
	failures []failure
	seen     seenFolders
	links    []string // to folders, not followed yet
}

func newSearch(ctx context.Context) *search {
	return &search{ctx: ctx, readDir: os.ReadDir, left: leftOut{}}
}

// folder searches a folder. It returns an error if the folder cannot be read. Errors
// inside it are added to failures.
func (s *search) folder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	entries, err := s.readDir(dir)
	if err != nil && len(entries) == 0 {
		return err
	}
	s.seen.add(info)
	s.entries(dir, entries)
	s.failed(dir, err)
	for len(s.links) > 0 && s.ctx.Err() == nil {
		link := s.links[0]
		s.links = s.links[1:]
		s.inside(link)
	}
	return s.ctx.Err()
}

// inside searches a subfolder, unless it was searched already.
func (s *search) inside(dir string) {
	info, err := os.Stat(dir)
	if err == nil && !s.seen.add(info) {
		return
	}
	var entries []fs.DirEntry
	if err == nil {
		entries, err = s.readDir(dir)
	}
	s.entries(dir, entries)
	s.failed(dir, err)
}

func (s *search) failed(path string, err error) {
	if err != nil {
		s.failures = append(s.failures, newFailure(path, err))
	}
}

func (s *search) entries(dir string, entries []fs.DirEntry) {
	for _, e := range entries {
		if s.ctx.Err() != nil {
			return
		}
		if strings.HasPrefix(e.Name(), ".") && !s.hidden {
			continue
		}
		s.entry(filepath.Join(dir, e.Name()), e.Type())
	}
}

// entry handles one file or folder.
func (s *search) entry(path string, kind fs.FileMode) {
	link := !kind.IsDir() && !kind.IsRegular()
	if link { // or a pipe or device: os.Stat tells
		info, err := os.Stat(path)
		if err != nil {
			if s.wants(path) {
				s.failed(path, err)
			}
			return
		}
		kind = info.Mode().Type()
	}
	if kind.IsDir() {
		switch {
		case s.descend != nil && !s.descend(path):
		case link:
			s.links = append(s.links, path)
		default:
			s.inside(path)
		}
		return
	}
	matched, named := true, false
	if s.match != nil {
		matched, named = s.match(path)
	}
	switch {
	case !matched:
	case !kind.IsRegular():
		s.left[notFiles]++
	case named || isImage(path):
		s.found = append(s.found, path)
	default:
		s.left[extensionOf(path)]++
	}
}

// wants reports whether a broken link may have been an image, or a folder of images.
func (s *search) wants(path string) bool {
	if s.match == nil {
		return true
	}
	matched, _ := s.match(path)
	return matched || s.descend(path)
}
