package data

import (
	"io/fs"
	"time"
)

// Stamp is what the file system says of a file: it changes whenever the contents do.
type Stamp struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds since 1970
	Changed  int64  `json:"changed"`  // of the contents or of what describes the file, which no program can set
	Inode    uint64 `json:"inode"`
}

// stampOf returns the stamp of a file. ok is false where the system does not tell when a file was
// changed: the time of modification alone is not enough, since many programs set it to an earlier one.
func stampOf(info fs.FileInfo) (s Stamp, ok bool) {
	changed, inode, ok := changedAt(info)
	return Stamp{info.Size(), info.ModTime().UnixNano(), changed, inode}, ok
}

// settling is the coarsest step of the clocks of file systems. A file that was changed less than
// that before it was read may change again with the same stamp.
const settling = 2 * time.Second

// settled reports whether a file with this stamp that is read from now on has another stamp when it changes.
func (s Stamp) settled(now time.Time) bool {
	return now.UnixNano()-max(s.Changed, s.Modified) > int64(settling)
}
