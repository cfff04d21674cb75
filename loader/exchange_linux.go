package loader

import "golang.org/x/sys/unix"

// exchange lets two folders change places, in one step where the file system can.
func exchange(a, b string) error {
	if unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE) == nil {
		return nil
	}
	return exchangeByRenaming(a, b)
}
