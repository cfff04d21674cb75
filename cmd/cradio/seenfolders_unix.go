//go:build unix

package main

import (
	"io/fs"
	"syscall"
)

func keyOf(info fs.FileInfo) (folderKey, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return folderKey{}, false
	}
	return folderKey{uint64(s.Dev), uint64(s.Ino)}, true //nolint:unconvert // their types differ between systems
}
