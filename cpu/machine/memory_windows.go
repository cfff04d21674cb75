package machine

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryStatus is MEMORYSTATUSEX.
type memoryStatus struct {
	length, load                          uint32
	totalPhys, availPhys, totalPage       uint64
	availPage, totalVirtual, availVirtual uint64
	availExtendedVirtual                  uint64
}

var globalMemoryStatus = windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")

// limits is what memory and page file can still promise.
func limits() []limit {
	s := memoryStatus{length: uint32(unsafe.Sizeof(memoryStatus{}))}
	if ok, _, _ := globalMemoryStatus.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return nil
	}
	return []limit{{"the memory of this computer", int64(s.availPage), true}}
}
