//go:build linux || darwin

package loader

import "golang.org/x/sys/unix"

// FreeBytes returns the free space on the disk of a folder, or -1 if it is not known.
func FreeBytes(dir string) int64 {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil || s.Bsize <= 0 {
		return -1
	}
	blocks := min(s.Bavail, uint64(1<<62)/uint64(s.Bsize))
	return int64(blocks) * int64(s.Bsize)
}
