package png

import "fmt"

// unfilter undoes a row's filter (section 9 of the specification). above is the row before. step is
// the distance between a byte and the one that predicts it.
func unfilter(kind byte, row, above []byte, step int) error {
	above = above[:len(row)]
	first := min(step, len(row))
	switch kind {
	case 0:
	case 1: // left
		for i := step; i < len(row); i++ {
			row[i] += row[i-step]
		}
	case 2: // up
		for i, b := range above {
			row[i] += b
		}
	case 3: // average
		for i := range first {
			row[i] += above[i] / 2
		}
		for i := first; i < len(row); i++ {
			row[i] += uint8((int(row[i-step]) + int(above[i])) / 2)
		}
	case 4: // Paeth
		for i := range first {
			row[i] += above[i]
		}
		for i := first; i < len(row); i++ {
			row[i] += paeth(int(row[i-step]), int(above[i]), int(above[i-step]))
		}
	default:
		return fmt.Errorf("damaged data: a row of the IDAT chunks' pixels has filter %d: want 0 to 4", kind)
	}
	return nil
}

// paeth is the neighbour nearest to left + up - corner.
func paeth(left, up, corner int) byte {
	dLeft, dUp := up-corner, left-corner
	dCorner := abs(dLeft + dUp)
	dLeft, dUp = abs(dLeft), abs(dUp)
	switch {
	case dLeft <= dUp && dLeft <= dCorner:
		return byte(left)
	case dUp <= dCorner:
		return byte(up)
	}
	return byte(corner)
}

func abs(v int) int { return max(v, -v) }
