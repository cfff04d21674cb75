package show

import (
	"fmt"
	"strings"

	"cradio/radio/image"
)

// matrixSide is about how many pixels a matrix has.
const matrixSide = 480

// Matrix draws counts (n, n) as a panel: each cell is its share of its row, in Viridis.
func Matrix(counts []int, n int) Panel {
	cell := max(matrixSide/max(n, 1), 1)
	img := &image.RGB{H: cell * n, W: cell * n, Pix: make([]uint8, 3*cell*n*cell*n)}
	for r := range n {
		row := counts[r*n:][:n]
		all := 0
		for _, v := range row {
			all += v
		}
		for c, v := range row {
			colour := Viridis.At(float64(v) / float64(max(all, 1)))
			for y := r * cell; y < (r+1)*cell; y++ {
				for x := c * cell; x < (c+1)*cell; x++ {
					copy(img.Pix[3*(y*img.W+x):], colour[:])
				}
			}
		}
	}
	return Panel{Image: img}
}

// classesNamed is how many classes a drawing of a confusion matrix names.
const classesNamed = 20

// Confusion draws which class was taken for which. counts (n, n) has a row for each label and a
// column for each answer; note says what was classified, and how well.
func Confusion(note string, classes []string, counts []int) *Sheet {
	order := strings.Join(classes, ", ")
	if len(classes) > classesNamed {
		order = fmt.Sprintf("%s, …, %s", strings.Join(classes[:3], ", "), classes[len(classes)-1])
	}
	return &Sheet{
		Title:  "Which class was taken for which",
		Notes:  []string{note, "Rows are labels, columns are answers. Classes from the top left: " + order},
		Strips: []Strip{{Panels: []Panel{Matrix(counts, len(classes))}}},
		Bars:   []Bar{{Map: Viridis, Low: 0, High: 1, Label: "share of the images with this label"}},
	}
}
