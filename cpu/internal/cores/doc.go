// Package cores knows how many cores of a machine are fast. Where there are small cores beside
// large ones (Arm's big.LITTLE, Apple's), a pass on the large ones alone is sooner done than
// one that waits for the last piece of a small one.
//
// Start with cores.go. cores_linux.go, cores_darwin.go and cores_windows.go ask the system; cpusets.go
// reads the answer of Windows.
package cores
