// Tilesim runs a program on a machine without AMX as if it had it: it traces the
// program, and does what each AMX instruction would have done. It is for testing
// the AMX kernels of package cpu where there is no AMX, and says nothing about
// their speed.
//
//	go build -o tilesim ./cpu/internal/tilesim
//	go test -exec "$PWD/tilesim" -ldflags "-X cradio/cpu/internal/kernel.assumeAMX=1" -run '/^amx$' ./cpu
//
// It does what Intel documents (Software Developer's Manual, volume 2: "Intel AMX
// Instruction Reference"), and is strict where a machine would only sometimes
// show a mistake. It complains, and the program dies of SIGILL, when
//
//   - a tile instruction meets no configuration, or shapes that do not fit;
//   - tile state outlives a call: a function must configure and release its own
//     tiles, since a goroutine may find itself on another thread after a call;
//   - a thread ends with tiles configured (the exit status is then 1).
//
// An access outside the program's memory is the program's own SIGSEGV, with the
// address that was touched.
//
// Start with decode.go (instructions), tiles.go (what they do), tracer_linux_amd64.go
// (the program that they do it to).
package main
