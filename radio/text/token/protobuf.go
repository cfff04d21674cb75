package token

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// field is one of a protocol buffer's message: a number or bytes, by its wire type.
type field struct {
	number int
	value  uint64
	bytes  []byte
}

// float32 is the value of a field of four bytes.
func (f field) float32() float64 { return float64(math.Float32frombits(uint32(f.value))) }

// message calls each for every field of a message.
func message(data []byte, each func(field) error) error {
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		if n <= 0 {
			return errors.New("a field's tag is cut off")
		}
		f, size, err := field{number: int(tag >> 3)}, 0, error(nil)
		if size, err = f.read(tag&7, data[n:]); err != nil {
			return err
		}
		data = data[n+size:]
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

// read reads the field's value of a wire type, and returns its size.
func (f *field) read(wire uint64, data []byte) (size int, err error) {
	cut := fmt.Errorf("field %d is cut off", f.number)
	switch wire {
	case 0:
		if f.value, size = binary.Uvarint(data); size <= 0 {
			return 0, cut
		}
		return size, nil
	case 1:
		if len(data) < 8 {
			return 0, cut
		}
		f.value = binary.LittleEndian.Uint64(data)
		return 8, nil
	case 2:
		length, n := binary.Uvarint(data)
		if n <= 0 || length > uint64(len(data)-n) {
			return 0, cut
		}
		f.bytes = data[n : n+int(length)]
		return n + int(length), nil
	case 5:
		if len(data) < 4 {
			return 0, cut
		}
		f.value = uint64(binary.LittleEndian.Uint32(data))
		return 4, nil
	}
	return 0, fmt.Errorf("field %d has wire type %d, want 0, 1, 2 or 5", f.number, wire)
}
