package pool

// pause tells the core that it is in a loop that waits (PAUSE).
//
//go:noescape
func pause()
