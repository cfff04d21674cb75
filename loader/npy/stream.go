package npy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// int64Descr is the element type of int64, as NumPy writes it.
const int64Descr = "<i8"

// Float is the element type of an array of floating-point numbers, as NumPy writes it.
type Float string

// Little-endian, of 2, 4 and 8 bytes.
const (
	Float16 Float = "<f2"
	Float32 Float = float32Descr
	Float64 Float = "<f8"
)

func (f Float) size() (int, error) {
	switch f {
	case Float16:
		return 2, nil
	case Float32:
		return 4, nil
	case Float64:
		return 8, nil
	}
	return 0, fmt.Errorf("npy: want the type of an element to be %s, %s or %s, found %.40q; convert the array", Float16, Float32, Float64, string(f))
}

// WriteFrom writes an array whose elements r gives, row-major and little-endian, for an array that is larger than memory.
func WriteFrom(w io.Writer, of Float, shape []int, r io.Reader) error {
	size, err := of.size()
	if err != nil {
		return err
	}
	n, err := elements(shape, size)
	if err != nil {
		return err
	}
	if len(shape) > maxRank {
		return fmt.Errorf("npy: want at most %d dimensions, found %d; reshape the array", maxRank, len(shape))
	}
	if err := writeHeader(w, string(of), shape); err != nil {
		return err
	}
	want := int64(size) * int64(n)
	got, err := io.Copy(w, io.LimitReader(r, want))
	if err == nil && got < want {
		err = fmt.Errorf("npy: want %d bytes for shape %s, found %d; give data that fits the shape", want, shapeText(shape), got)
	}
	return err
}

// WriteInt64 writes an array of whole numbers as numpy.save does. No shape means a scalar.
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

// From adds an array whose elements r gives; see WriteFrom.
func (z *Zip) From(name string, of Float, shape []int, r io.Reader) error {
	return z.add(name, func(w io.Writer) error { return WriteFrom(w, of, shape, r) })
}

// Int64 adds an array of whole numbers. No shape means a scalar.
func (z *Zip) Int64(name string, shape []int, data []int64) error {
	return z.add(name, func(w io.Writer) error { return WriteInt64(w, shape, data) })
}
