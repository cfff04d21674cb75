package output

import "cradio/radio"

// shapes holds three sizes, each a height and a width, for each image.
type shapes struct {
	sizes    []int64 // (N, 2): the model's input, pixels
	original []int64 // (N, 2): the image file, pixels
	grid     []int64 // (N, 2): rows and columns of patches
}

// sizeArray is one of the three arrays, with its name in a file.
type sizeArray struct {
	name   string
	values []int64
}

func (s *shapes) add(r radio.Result) {
	s.sizes = append(s.sizes, int64(r.Height), int64(r.Width))
	s.original = append(s.original, int64(r.Original[0]), int64(r.Original[1]))
	s.grid = append(s.grid, int64(r.Rows), int64(r.Cols))
}

func (s *shapes) arrays() []sizeArray {
	return []sizeArray{{"sizes", s.sizes}, {"original_sizes", s.original}, {"grid", s.grid}}
}
