package npy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// int64Descr is the element type of int64, as NumPy writes it.
const int64Descr = "<i8"

// WriteFrom writes a float32 array with the elements that it reads from r, row-major and little-endian. Use it for an array
// larger than memory.
func WriteFrom(w io.Writer, shape []int, r io.Reader) error {
	n, err := elements(shape, 4)
	if err != nil {
		return err
	}
	if len(shape) > maxRank {
		return fmt.Errorf("npy: want at most %d dimensions, found %d; reshape the array", maxRank, len(shape))
	}
	if err := writeHeader(w, float32Descr, shape); err != nil {
		return err
	}
	want := 4 * int64(n)
	got, err := io.Copy(w, io.LimitReader(r, want))
	if err == nil && got < want {
		err = fmt.Errorf("npy: want %d bytes for shape %s, found %d; give data that fits the shape", want, shapeText(shape), got)
	}
	return err
}

// WriteInt64 writes an array of int64 as numpy.save does. No shape means a scalar.
func WriteInt64(w io.Writer, shape []int, data []int64) error {
	n, err := elements(shape, 8)
	if err != nil {
		return err
	}
	if n != len(data) {
		return fmt.Errorf("npy: want %d values for shape %s, found %d; give data that fits the shape", n, shapeText(shape), len(data))
	}
	if err := writeHeader(w, int64Descr, shape); err != nil {
		return err
	}
	buffered := bufio.NewWriter(w)
	if err := binary.Write(buffered, binary.LittleEndian, data); err != nil {
		return err
	}
	return buffered.Flush()
}

// Float32From adds an array with the elements that it reads from r; see WriteFrom.
func (z *Zip) Float32From(name string, shape []int, r io.Reader) error {
	return z.add(name, func(w io.Writer) error { return WriteFrom(w, shape, r) })
}

// Int64 adds an array of int64. No shape means a scalar.
func (z *Zip) Int64(name string, shape []int, data []int64) error {
	return z.add(name, func(w io.Writer) error { return WriteInt64(w, shape, data) })
}
