//go:build !linux && !windows

package machine

// limits are not known: such systems make room on disk for what memory cannot hold.
func limits() []limit { return nil }
