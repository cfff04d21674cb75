//go:build !linux

package bench

import "time"

// times is not known on this system: only the probes detect disturbances.
type times struct{}

func usage(int) times { return times{} }

func (times) others(times, time.Duration) float64 { return 0 }

// peakMemory is not known on this system.
func peakMemory(int) int64 { return 0 }
