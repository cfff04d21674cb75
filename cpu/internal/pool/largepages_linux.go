package pool

import "golang.org/x/sys/unix"

// largePages asks for large pages under memory that is still to be written: fewer
// entries for the processor to look up. It is advice; the system may have none.
func largePages(memory []byte) { _ = unix.Madvise(memory, unix.MADV_HUGEPAGE) }
