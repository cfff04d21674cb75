// Package libcuda opens NVIDIA's driver when it is first asked for.
//
// Package gorgonia.org/cu links against libcuda and calls cuInit when a program starts: without a
// driver such a program does not start at all. Here each function of the driver is defined as a
// jump through a table (jumps_*.S), and cuInit succeeds. Until [Open] has found the driver, all
// others return CUDA_ERROR_NO_DEVICE. So one binary starts on any machine, and a program that
// asks for no GPU pays nothing.
//
// The package has code with the build tag nvidia only. The table and the jumps are generated:
// symbols.txt lists the functions that gorgonia.org/cu and package driver call, under the names
// that the headers of CUDA 12 and 13 give them.
package libcuda

//go:generate go run ./gen
