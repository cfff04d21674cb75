package pool

// pause tells the core that it is in a loop that waits (YIELD).
//
//go:noescape
func pause()
