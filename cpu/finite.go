package cpu

// FirstNonFinite returns the index of the first NaN or infinity in x, or -1.
func FirstNonFinite[T Float](x []T) int {
	for i, v := range x {
		if v-v != 0 { // NaN for both, 0 for every number
			return i
		}
	}
	return -1
}
