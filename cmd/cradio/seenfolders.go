package main

import (
	"io/fs"
	"os"
)

// seenFolders is a set of real folders, however they were come by.
type seenFolders struct {
	byKey map[folderKey]bool
	rest  []fs.FileInfo // of systems that have no key to tell
}

// folderKey tells a folder from all others.
type folderKey struct{ device, inode uint64 }

// add says whether the folder is new.
func (s *seenFolders) add(info fs.FileInfo) bool {
	if key, ok := keyOf(info); ok {
		if s.byKey == nil {
			s.byKey = map[folderKey]bool{}
		}
		seen := s.byKey[key]
		s.byKey[key] = true
		return !seen
	}
	return s.addSlow(info)
}

// addSlow is add by comparing with every other folder.
func (s *seenFolders) addSlow(info fs.FileInfo) bool {
	for _, other := range s.rest {
		if os.SameFile(info, other) {
			return false
		}
	}
	s.rest = append(s.rest, info)
	return true
}
