//go:build !linux

package bench

import "time"

// times is not known here: only the probes say whether a turn was disturbed.
type times struct{}

func usage(int) times { return times{} }

func (times) others(times, time.Duration) float64 { return 0 }

// peakMemory is not known here.
func peakMemory(int) int64 { return 0 }
