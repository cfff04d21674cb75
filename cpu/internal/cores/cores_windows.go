package cores

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	kernel32    = windows.NewLazySystemDLL("kernel32.dll")
	cpuSets     = kernel32.NewProc("GetSystemCpuSetInformation") // since Windows 10
	processMask = kernel32.NewProc("GetProcessAffinityMask")
)

// system counts the fast ones of the logical processors that this process may use.
func system() int {
	if cpuSets.Find() != nil || processMask.Find() != nil {
		return 0
	}
	self := windows.CurrentProcess()
	var mask, machine uintptr
	if ok, _, _ := processMask.Call(uintptr(self), uintptr(unsafe.Pointer(&mask)), uintptr(unsafe.Pointer(&machine))); ok == 0 {
		return 0
	}
	var size uint32
	cpuSets.Call(0, 0, uintptr(unsafe.Pointer(&size)), uintptr(self), 0) // fails, and says the size
	if size == 0 || size > 1<<20 {
		return 0
	}
	sets := make([]byte, size)
	if ok, _, _ := cpuSets.Call(uintptr(unsafe.Pointer(&sets[0])), uintptr(size), uintptr(unsafe.Pointer(&size)), uintptr(self), 0); ok == 0 || int(size) > len(sets) {
		return 0
	}
	// The mask is of one group of 64. It is 0 for a process that uses several, whose machine has cores of one kind.
	return fastOf(sets[:size], func(group, index int) bool { return index < 64 && uint64(mask)>>index&1 == 1 })
}
