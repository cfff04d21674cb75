package pickle

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"unicode/utf8"
)

func (d *decoder) text(n uint64) string {
	b := d.take(n)
	d.spend(len(b))
	return string(b)
}

func (d *decoder) bytes(n uint64) []byte {
	b := d.take(n)
	d.spend(len(b))
	return append([]byte{}, b...)
}

// oldString is a str of Python 2: text if it can be.
func oldString(b []byte) any {
	if utf8.Valid(b) {
		return string(b)
	}
	return b
}

// maxLong bounds an integer, in bytes.
const maxLong = 4096

// long is an integer of n bytes, little-endian two's complement.
func (d *decoder) long(n uint64) any {
	if n > maxLong {
		d.fail(fmt.Sprintf("an integer of at most %d bytes", maxLong), "%d bytes", n)
		return nil
	}
	b := slices.Clone(d.take(n))
	d.spend(len(b))
	if len(b) == 0 {
		return int64(0)
	}
	negative := b[len(b)-1]&0x80 != 0
	slices.Reverse(b)
	v := new(big.Int).SetBytes(b)
	if negative {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return shrink(v)
}

// shrink is an int64 where it can be.
func shrink(v *big.Int) any {
	if v.IsInt64() {
		return v.Int64()
	}
	return v
}

// decimal is an integer in digits, or a bool of protocol 0 and 1.
func (d *decoder) decimal(text string) any {
	switch text {
	case "00":
		return false
	case "01":
		return true
	}
	digits := text
	if n := len(digits); n > 0 && digits[n-1] == 'L' {
		digits = digits[:n-1]
	}
	if len(digits) <= maxLong {
		if v, ok := new(big.Int).SetString(digits, 10); ok {
			return shrink(v)
		}
	}
	d.fail("an integer", "%s", quote(text))
	return nil
}

func (d *decoder) memoNumber(text string) uint64 {
	i, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		d.fail("the number of a kept value", "%s", quote(text))
	}
	return i
}
