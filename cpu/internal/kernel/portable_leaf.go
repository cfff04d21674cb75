package kernel

import "unsafe"

// Difference is to = x - y, of what is left of n float64.
type Difference struct {
	to, x, y unsafe.Pointer
	n        int
}

// Differences are to be computed in this order.
type Differences [3]Difference

// NewDifference is to = x - y, of as many elements as each of them has.
func NewDifference(to, x, y []float64) Difference {
	return Difference{At(to, 0), At(x, 0), At(y, 0), len(to)}
}

// Rest are what is left of a difference, which has been computed then.
func (d *Difference) Rest() (to, x, y []float64) {
	n := d.n
	d.n = 0
	if n == 0 {
		return nil, nil, nil
	}
	of := func(p unsafe.Pointer) []float64 { return unsafe.Slice((*float64)(p), n) }
	return of(d.to), of(d.x), of(d.y)
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
			d := &beside[next]
			leafTallBeside(k, from, unsafe.Add(b, 8*j), unsafe.Add(to, 8*j), d.to, d.x, d.y)
			if d.n -= k; d.n > 0 {
				d.to, d.x, d.y = unsafe.Add(d.to, 8*k), unsafe.Add(d.x, 8*k), unsafe.Add(d.y, 8*k)
			}
		}
	}
	return beside
}
