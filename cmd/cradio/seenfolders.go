package main

import (
	"io/fs"
	"os"
)

// seenFolders is a set of real folders. A folder and links to it are the same element.
type seenFolders struct {
	byKey map[folderKey]bool
	rest  []fs.FileInfo // on systems without such keys
}

// folderKey identifies a folder.
type folderKey struct{ device, inode uint64 }

// add adds a folder and reports whether it is new.
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

// addSlow compares the folder with all others.
func (s *seenFolders) addSlow(info fs.FileInfo) bool {
	for _, other := range s.rest {
		if os.SameFile(info, other) {
			return false
		}
	}
	s.rest = append(s.rest, info)
	return true
}
