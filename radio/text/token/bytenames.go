package token

// wordEnd marks the tokens of CLIP that end a word.
const wordEnd = "</w>"

// byteOrder lists the 256 bytes in the order of CLIP's and GPT-2's vocabularies: first those
// that print.
var byteOrder = func() (order []byte) {
	for _, printing := range []bool{true, false} {
		for c := range 256 {
			if prints(c) == printing {
				order = append(order, byte(c))
			}
		}
	}
	return order
}()

// prints says that a byte is its own name: it is a character of Latin-1 that prints.
func prints(c int) bool {
	return '!' <= c && c <= '~' || 0xA1 <= c && c <= 0xAC || 0xAE <= c && c <= 0xFF
}

// byteNames gives each byte a character that prints: itself, or one from U+0100 on.
var byteNames = func() (names [256]string) {
	next := rune(0x100)
	for _, c := range byteOrder {
		r := rune(c)
		if !prints(int(c)) {
			r = next
			next++
		}
		names[c] = string(r)
	}
	return names
}()
