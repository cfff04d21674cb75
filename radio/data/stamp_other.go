//go:build !linux && !darwin

package data

import "io/fs"

func changedAt(fs.FileInfo) (nanoseconds int64, inode uint64, ok bool) { return 0, 0, false }
