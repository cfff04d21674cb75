package train

import "cradio/radio"

// Argmax resizes logits (rows·cols, classes) bilinearly to h×w and returns the class of each pixel, as
// torch's interpolate(align_corners=False) and argmax do. Of equal logits the lower class wins.
func Argmax(logits []float32, grid radio.Grid, classes, h, w int) []uint8 {
	out := make([]uint8, h*w)
	ys, xs := taps(grid.Rows, h), taps(grid.Cols, w)
	line := make([]float32, grid.Cols*classes) // a row between two rows of patches
	for y, ty := range ys {
		above, below := logits[ty.low*len(line):][:len(line)], logits[ty.high*len(line):][:len(line)]
		for i := range line {
			line[i] = above[i] + ty.part*(below[i]-above[i])
		}
		for x, tx := range xs {
			left, right := line[tx.low*classes:][:classes], line[tx.high*classes:][:classes]
			best, most := 0, left[0]+tx.part*(right[0]-left[0])
			for c := 1; c < classes; c++ {
				if v := left[c] + tx.part*(right[c]-left[c]); v > most {
					best, most = c, v
				}
			}
			out[y*w+x] = uint8(best)
		}
	}
	return out
}

// Bilinear resizes values on a grid to h×w, as Argmax does.
func Bilinear(values []float32, grid radio.Grid, h, w int) []float32 {
	out := make([]float32, h*w)
	ys, xs := taps(grid.Rows, h), taps(grid.Cols, w)
	for y, ty := range ys {
		above, below := values[ty.low*grid.Cols:], values[ty.high*grid.Cols:]
		for x, tx := range xs {
			a := above[tx.low] + ty.part*(below[tx.low]-above[tx.low])
			b := above[tx.high] + ty.part*(below[tx.high]-above[tx.high])
			out[y*w+x] = a + tx.part*(b-a)
		}
	}
	return out
}

// tap says between which two of n values a resized one lies, and how far from the first.
type tap struct {
	low, high int
	part      float32
}

// taps are those of n values that are resized to m, with align_corners=False.
func taps(n, m int) []tap {
	list := make([]tap, m)
	for i := range list {
		at := max((float64(i)+0.5)*float64(n)/float64(m)-0.5, 0)
		low := min(int(at), n-1)
		list[i] = tap{low, min(low+1, n-1), float32(at - float64(low))}
	}
	return list
}
