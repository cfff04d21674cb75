package data

import (
	"io/fs"
	"syscall"
)

func changedAt(info fs.FileInfo) (nanoseconds int64, inode uint64, ok bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return s.Ctim.Nano(), s.Ino, true
}
