package kernel

import "unsafe"

// plainScan is the definition of Scan. Sums of int32 are exact.
func plainScan(sums, codes, query unsafe.Pointer, ld, rows, n int) {
	y, q := unsafe.Slice((*int32)(sums), rows), unsafe.Slice((*int16)(query), n)
	for r := range y {
		sum := int32(0)
		for i, c := range unsafe.Slice((*int8)(unsafe.Add(codes, r*ld)), n) {
			sum += int32(c) * int32(q[i])
		}
		y[r] = sum
	}
}
