package cores

import "encoding/binary"

// What SYSTEM_CPU_SET_INFORMATION has of a logical processor, and where (winnt.h, 32 bytes since Windows 10).
const (
	setSize  = 0  // uint32, bytes from one record to the next
	setType  = 4  // uint32, 0 for a logical processor
	setGroup = 12 // uint16, of at most 64 logical processors
	setIndex = 14 // uint8, in its group
	setClass = 18 // uint8, EfficiencyClass: larger where cores are faster
	setBytes = 19 // that are read
)

// fastOf counts, in what GetSystemCpuSetInformation writes, the logical processors that this process may
// use and that are not of the slowest kind among them: classes have an order, but no speed. It is 0 where
// all are alike, and where a record is cut short.
func fastOf(sets []byte, mine func(group, index int) bool) int {
	var of [256]int // processors of each class
	all := 0
	for len(sets) > 0 {
		if len(sets) < setBytes {
			return 0
		}
		size := int(binary.LittleEndian.Uint32(sets[setSize:]))
		if size < setBytes || size > len(sets) {
			return 0
		}
		group, index := int(binary.LittleEndian.Uint16(sets[setGroup:])), int(sets[setIndex])
		if binary.LittleEndian.Uint32(sets[setType:]) == 0 && mine(group, index) {
			of[sets[setClass]]++
			all++
		}
		sets = sets[size:]
	}
	for _, n := range of {
		if n > 0 {
			return all - n // without the lowest class
		}
	}
	return 0
}
