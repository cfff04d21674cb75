package kernel

// Masks of byte shuffles, alike for both halves of a register.
var (
	//lint:ignore U1000 the assembly reads it
	interleave = interleaveMasks()
	//lint:ignore U1000 the assembly reads it
	repeat = repeatMasks()
	//lint:ignore U1000 the assembly reads it
	narrow = narrowMasks()
	//lint:ignore U1000 the assembly reads it
	pairs = pairMasks()
)

// none is the mask of a zero byte.
const none = 0x80

// interleaveMasks put 16 samples of red, green and blue at their places in each of three blocks.
func interleaveMasks() (m [9][32]uint8) {
	for block := range 3 {
		for channel := range 3 {
			for i := range 32 {
				at := 16*block + i%16
				m[3*block+channel][i] = none
				if at%3 == channel {
					m[3*block+channel][i] = uint8(at / 3)
				}
			}
		}
	}
	return m
}

func repeatMasks() (m [3][32]uint8) {
	for block := range m {
		for i := range m[block] {
			m[block][i] = uint8((16*block + i%16) / 3)
		}
	}
	return m
}

// narrowMasks are a shuffle within halves, which leaves 12 bytes in each, and an order of 32-bit words
// that brings the two together.
func narrowMasks() (m [2][32]uint8) {
	for i := range m[0] {
		m[0][i] = none
		if at := i % 16; at < 12 {
			m[0][i] = uint8(at/3*4 + at%3)
		}
	}
	for i, word := range []uint8{0, 1, 2, 4, 5, 6, 3, 7} {
		m[1][4*i] = word
	}
	return m
}

// pairMasks make 16-bit pairs of two pixels' samples of one colour, pixels 0 and 1 in the low half
// and 2 and 3 in the high one, and of the low and high parts of their weights.
func pairMasks() (m [3][32]uint8) {
	for i := range 32 {
		lane, color, second := i/16, i%16/4, i%4/2
		pixel := 2*lane + second
		m[0][i] = none
		if i%2 == 0 && color < 3 {
			m[0][i] = uint8(3*pixel + color)
		}
		m[1][i] = uint8(2*pixel + i%2)
		m[2][i] = uint8(8 + 2*pixel + i%2)
	}
	return m
}
