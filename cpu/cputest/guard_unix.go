//go:build unix

package cputest

import (
	"os"
	"unsafe"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// buffer returns n zeros that end right before a page that cannot be touched,
// and begin within a page of another: an access outside ends the process.
func buffer[T cpu.Float](t *test, n int) []T {
	t.Helper()
	page := os.Getpagesize()
	size := n * int(unsafe.Sizeof(T(0)))
	body := (size + page - 1) / page * page
	m, err := unix.Mmap(-1, 0, page+body+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Munmap(m) })
	require.NoError(t, unix.Mprotect(m[:page], unix.PROT_NONE))
	require.NoError(t, unix.Mprotect(m[page+body:], unix.PROT_NONE))
	if n == 0 {
		return []T{}
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&m[page+body-size])), n)
}
