package kernel

import "golang.org/x/sys/unix"

// Where Linux tells of BF16: the second word of capabilities in the auxiliary vector.
const (
	hwcap2     = 26 // AT_HWCAP2
	hwcap2BF16 = 1 << 14
)

// system is what golang.org/x/sys/cpu does not know of. Linux names what all cores have,
// large and small.
func system() features {
	vector, err := unix.Auxv()
	if err != nil {
		return features{}
	}
	return fromAuxv(vector)
}

// fromAuxv reads the auxiliary vector: pairs of a kind and a value.
func fromAuxv(vector [][2]uintptr) (f features) {
	for _, entry := range vector {
		if entry[0] == hwcap2 {
			f.bf16 = entry[1]&hwcap2BF16 != 0
		}
	}
	return f
}
