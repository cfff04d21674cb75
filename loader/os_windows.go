package loader

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

func mapFile(f *os.File, size int) ([]byte, error) {
	mapping, err := windows.CreateFileMapping(windows.Handle(f.Fd()), nil, windows.PAGE_READONLY, 0, 0, nil)
	if err != nil {
		return nil, os.NewSyscallError("CreateFileMapping", err)
	}
	// A view keeps its mapping alive.
	defer windows.CloseHandle(mapping)
	start, err := windows.MapViewOfFile(mapping, windows.FILE_MAP_READ, 0, 0, uintptr(size))
	if err != nil {
		return nil, os.NewSyscallError("MapViewOfFile", err)
	}
	// Reinterpreted rather than converted: vet takes a uintptr turned pointer for a moved Go object, which a view is not.
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&start)), size), nil
}

func unmapFile(mapped []byte) error {
	if mapped == nil {
		return nil
	}
	return windows.UnmapViewOfFile(uintptr(unsafe.Pointer(unsafe.SliceData(mapped))))
}

// releasePages removes whole pages of a mapping from this process's working set. VirtualUnlock does that for pages that
// were never locked, and returns an error that they were not.
func releasePages(b []byte) {
	if b = wholePages(b); len(b) > 0 {
		_ = windows.VirtualUnlock(uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	}
}

func isDiskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

func isReadOnly(err error) bool {
	return errors.Is(err, windows.ERROR_WRITE_PROTECT)
}
