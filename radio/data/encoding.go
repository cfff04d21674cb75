package data

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// inUTF8 is a text without the mark that programs on Windows put in front of it. A text whose mark is that of UTF-16,
// as Excel and PowerShell write it, is converted to UTF-8.
func inUTF8(text []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(text, []byte("\ufeff")):
		return text[len("\ufeff"):]
	case bytes.HasPrefix(text, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(text, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return text
	}
	units := make([]uint16, len(text)/2-1)
	for i := range units {
		units[i] = order.Uint16(text[2*i+2:])
	}
	return []byte(string(utf16.Decode(units)))
}
