//go:build !linux && !darwin && !windows

package kernel

// system knows no more than golang.org/x/sys/cpu, which reads the processor's registers on
// FreeBSD, NetBSD and OpenBSD.
func system() features { return features{} }
