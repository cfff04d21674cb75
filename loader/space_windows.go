package loader

import "golang.org/x/sys/windows"

// FreeBytes returns the free space on the disk of a folder, or -1 if it is not known.
func FreeBytes(dir string) int64 {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return -1
	}
	var free uint64
	if windows.GetDiskFreeSpaceEx(path, &free, nil, nil) != nil {
		return -1
	}
	return int64(min(free, 1<<62))
}
