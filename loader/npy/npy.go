package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// chunk is the number of elements that are converted at a time.
const chunk = 1 << 16

// Write writes an array as numpy.save does. No shape means a scalar.
func Write(w io.Writer, shape []int, data []float32) error {
	n, err := elements(shape, 4)
	if err != nil {
		return err
	}
	if n != len(data) {
		return fmt.Errorf("npy: want %d values for shape %s, found %d; give data that fits the shape", n, shapeText(shape), len(data))
	}
	if len(shape) > maxRank {
		return fmt.Errorf("npy: want at most %d dimensions, found %d; reshape the array", maxRank, len(shape))
	}
	if err := writeHeader(w, float32Descr, shape); err != nil {
		return err
	}
	raw := make([]byte, 0, 4*min(chunk, n))
	for len(data) > 0 {
		now := data[:min(chunk, len(data))]
		data = data[len(now):]
		raw = raw[:0]
		for _, v := range now {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
	}
	return nil
}

// Read reads a float32 array. It does not read further in r. Memory is allocated as data arrives, so that a false header
// cannot cause a large allocation.
func Read(r io.Reader) (shape []int, data []float32, err error) {
	descr, shape, err := readHeader(r)
	if err != nil {
		return nil, nil, err
	}
	if descr != float32Descr {
		return nil, nil, fmt.Errorf("npy: want float32 (descr '%s'), found %.40q; save a.astype('%s')", float32Descr, descr, float32Descr)
	}
	n, err := elements(shape, 4)
	if err != nil {
		return nil, nil, err
	}
	data = make([]float32, 0, min(chunk, n))
	raw := make([]byte, 4*min(chunk, n))
	for left := n; left > 0; left = n - len(data) {
		now := raw[:4*min(chunk, left)]
		if _, err := io.ReadFull(r, now); err != nil {
			return nil, nil, cut("the data", err)
		}
		for i := 0; i < len(now); i += 4 {
			data = append(data, math.Float32frombits(binary.LittleEndian.Uint32(now[i:])))
		}
	}
	return shape, data, nil
}
