//go:build !unix && !windows

package loader

import (
	"io"
	"os"
)

func mapFile(f *os.File, size int) ([]byte, error) {
	whole := make([]byte, size)
	_, err := io.ReadFull(f, whole)
	return whole, err
}

func unmapFile([]byte) error { return nil }

// releasePages does nothing: the file was read into memory, not mapped.
func releasePages([]byte) {}

func isDiskFull(error) bool { return false }

func isReadOnly(error) bool { return false }
