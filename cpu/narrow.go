package cpu

import (
	"encoding/binary"
	"math"
)

// Narrow is a matrix of activations, Rows by Cols, in a narrow precision:
//
//   - BFloat16: a row is Cols bfloat16.
//   - Int8: a row is Cols uint8, followed by a scale s and an offset o, both float32.
//     The value of an element q is s·q + o.
//
// Rows begin NarrowStride bytes apart. The elements are padded with zeros to a multiple
// of 64 bytes.
type Narrow struct {
	Precision  Precision
	Rows, Cols int
	Data       []byte // NarrowBytes, aligned to 64 bytes
}

// NarrowStride returns the distance in bytes between rows of cols elements. It is an odd
// number of cache lines, so that rows do not compete for the same sets of a cache.
func NarrowStride(p Precision, cols int) int {
	n := narrowElements(p, cols)
	if p == Int8 {
		n += narrowTail
	}
	return (blocks(n, cacheLine) | 1) * cacheLine
}

// NarrowBytes returns the size of a matrix in bytes.
func NarrowBytes(p Precision, rows, cols int) int { return rows * NarrowStride(p, cols) }

// narrowTail is the size of a scale and an offset.
const narrowTail = 8

// narrowElements is the size of a row's elements with the zeros after them.
func narrowElements(p Precision, cols int) int {
	if p == BFloat16 {
		cols *= 2
	}
	return blocks(cols, cacheLine) * cacheLine
}

// Set sets row r to x, rounded.
func (n *Narrow) Set(r int, x []float32) {
	if n.Precision == BFloat16 {
		n.pad(r)
		n.setAt(r, 0, x)
		return
	}
	k, row := current.Load(), n.row(r)
	tail := row[len(row)-narrowTail:]
	lo, hi := extent(k, x, tail)
	s := quantum(hi-lo, 255)
	quantise(k, row, x, lo, inverse(s))
	clear(row[len(x):narrowElements(Int8, n.Cols)])
	binary.LittleEndian.PutUint32(tail, math.Float32bits(s))
	binary.LittleEndian.PutUint32(tail[4:], math.Float32bits(lo))
}

// setAt rounds x into columns c, c+1, … of row r of a BFloat16 matrix.
func (n *Narrow) setAt(r, c int, x []float32) { round(current.Load(), n.row(r)[2*c:], x) }

// pad writes the zeros after row r of a BFloat16 matrix.
func (n *Narrow) pad(r int) { clear(n.row(r)[2*n.Cols : narrowElements(BFloat16, n.Cols)]) }

func (n *Narrow) tail(r int) (scale, offset float32) {
	row := n.row(r)
	return floats(row[len(row)-narrowTail:])
}

// Get copies columns c, c+1, … of row r to dst, len(dst) of them.
func (n *Narrow) Get(r, c int, dst []float32) {
	k, row := current.Load(), n.row(r)
	if n.Precision == BFloat16 {
		widen(k, dst, row[2*c:])
		return
	}
	s, o := n.tail(r)
	dequantise(k, dst, row[c:], s, o)
}

func (n *Narrow) row(r int) []byte {
	stride := NarrowStride(n.Precision, n.Cols)
	return n.Data[r*stride : (r+1)*stride]
}

// narrow asks for a matrix of one of the precisions.
func (c *checker) narrow(name string, n *Narrow, rows, cols int, want ...Precision) {
	if n == nil {
		c.fail("%s is nil, want a matrix", name)
		return
	}
	ok := false
	for _, p := range want {
		ok = ok || n.Precision == p
	}
	if !ok {
		c.fail("%s is %v, want one of %v", name, n.Precision, want)
	}
	if n.Rows != rows || n.Cols != cols {
		c.fail("%s is (%d, %d), want (%d, %d)", name, n.Rows, n.Cols, rows, cols)
	}
	if c.err == nil && cols > math.MaxInt/8 {
		c.fail("%s has %d columns: more than an int can count in bytes", name, cols)
	}
	if c.err == nil {
		c.length(name+".Data", len(n.Data), rows, NarrowStride(n.Precision, cols))
	}
}
