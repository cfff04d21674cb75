package kernel

import "golang.org/x/sys/unix"

// permitTiles asks for the state of AMX tiles, and reports whether it is granted:
// otherwise the first tile instruction is a SIGILL.
func permitTiles() bool {
	const request, tileData = 0x1023, 18 // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
	_, _, e := unix.RawSyscall(unix.SYS_ARCH_PRCTL, request, tileData, 0)
	return e == 0
}
