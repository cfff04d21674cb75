package kernel

import "unsafe"

// Difference is to = x - y, of what is left of n elements: to is of float64, x and y are of size
// bytes each, and of float32 y may be nil, and then to = x.
type Difference struct {
	to, x, y unsafe.Pointer
	n, size  int
}

// Differences are to be computed in this order.
type Differences [3]Difference

// NewDifference is to = x - y, of as many elements as to has.
func NewDifference(to, x, y []float64) Difference {
	return Difference{At(to, 0), At(x, 0), At(y, 0), len(to), 8}
}

// Widened is to = x - y, of as many float32 as to has, or to = x.
func Widened(to []float64, x, y unsafe.Pointer) Difference {
	return Difference{At(to, 0), x, y, len(to), 4}
}

// Left is how many elements are left.
func (d *Difference) Left() int { return d.n }

// Finish computes what is left.
func (d *Difference) Finish() {
	for i := range d.n {
		to := (*float64)(unsafe.Add(d.to, 8*i))
		switch {
		case d.size == 8:
			*to = *(*float64)(unsafe.Add(d.x, 8*i)) - *(*float64)(unsafe.Add(d.y, 8*i))
		case d.y == nil:
			*to = float64(floatAt(d.x, 4*i))
		default:
			*to = float64(floatAt(d.x, 4*i)) - float64(floatAt(d.y, 4*i))
		}
	}
	d.n = 0
}

// leaf is leafTall that computes the next k elements of d.
func (d *Difference) leaf(k int, a, b, c unsafe.Pointer) {
	switch {
	case d.size == 8:
		leafTallBeside(k, a, b, c, d.to, d.x, d.y)
	case d.y == nil:
		leafTallWiden(k, a, b, c, d.to, d.x)
	default:
		leafTallWidened(k, a, b, c, d.to, d.x, d.y)
	}
	if d.n -= k; d.n > 0 {
		d.to, d.x = unsafe.Add(d.to, 8*k), unsafe.Add(d.x, d.size*k)
		if d.y != nil {
			d.y = unsafe.Add(d.y, d.size*k)
		}
	}
}

// portableLeaf is Leaf of Tiles. Rows side by side are one stream of memory, which processors
// fetch ahead. Differences wait for memory, and multiplications do not: together they take
// little more time than the latter.
func portableLeaf(rows, k int, a, b, c unsafe.Pointer, beside Differences) Differences {
	next := 0
	for r := 0; r < rows; r += microRows {
		from, to := unsafe.Add(a, 8*r*k), unsafe.Add(c, 8*r*portableCols)
		if rows-r < microRows {
			for j := 0; j < portableCols; j += 4 {
				leaf2x4(k, from, unsafe.Add(b, 8*j), unsafe.Add(to, 8*j))
			}
			break
		}
		for j := 0; j < portableCols; j += 2 {
			for next < len(beside) && beside[next].n == 0 {
				next++
			}
			if next == len(beside) {
				leafTall(k, from, unsafe.Add(b, 8*j), unsafe.Add(to, 8*j))
				continue
			}
			beside[next].leaf(k, from, unsafe.Add(b, 8*j), unsafe.Add(to, 8*j))
		}
	}
	return beside
}
