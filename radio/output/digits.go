package output

import (
	"strconv"
	"sync"
)

// appendText appends a number as decimal text, with the fewest digits that give the same number
// of type d when they are parsed, as float64 or float32, and rounded to d.
func (d DType) appendText(b []byte, v float64) []byte {
	switch d {
	case Float16:
		return append(b, half.text(half.bits(v), &halfTexts)...)
	case BFloat16:
		return append(b, brain.text(brain.bits(v), &brainTexts)...)
	case Float64:
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 32)
}

// texts caches the decimals of the 65536 numbers of a type.
type texts struct {
	mu   sync.RWMutex
	text map[uint16]string
}

var halfTexts, brainTexts texts

// text returns the shortest decimal of a number.
func (s small) text(bits uint16, known *texts) string {
	known.mu.RLock()
	text, ok := known.text[bits]
	known.mu.RUnlock()
	if ok {
		return text
	}
	v := s.value(bits)
	for digits := range 9 { // 5 digits are enough for every number
		text = strconv.FormatFloat(v, 'e', digits, 64)
		read, _ := strconv.ParseFloat(text, 64) // valid: FormatFloat made it
		if s.bits(read) == bits && s.bits(float64(float32(read))) == bits {
			text = strconv.FormatFloat(read, 'g', -1, 64)
			break
		}
	}
	known.mu.Lock()
	if known.text == nil {
		known.text = map[uint16]string{}
	}
	known.text[bits] = text
	known.mu.Unlock()
	return text
}
