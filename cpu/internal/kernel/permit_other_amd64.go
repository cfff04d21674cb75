//go:build !linux

package kernel

// permitTiles is whether the system grants the state of AMX tiles: only Linux has
// been seen to.
func permitTiles() bool { return false }
