package data

import (
	"fmt"
	stdimage "image"
	"math"
)

// Depth is a depth map.
type Depth struct {
	H, W   int
	Metres []float32 // (H, W); 0 where nothing was measured
}

// Units of depth maps: how much 1 m is in the file.
const (
	Millimetres = 1000 // NYU, most sensors
	KITTI       = 256
)

// ReadDepth reads a depth map from a grey PNG or TIFF file with 16 bits. perMetre is how much 1 m is in
// the file. The value 0 means that nothing was measured. h and w are the size of the picture,
// pixels: a map of another size is an error. 0 accepts any.
func ReadDepth(path string, perMetre float64, h, w int) (*Depth, error) {
	if !(perMetre > 0) || math.IsInf(perMetre, 1) {
		return nil, fmt.Errorf("1 m is %g in the file: must be a positive finite number; %d for millimetres, %d for KITTI", perMetre, Millimetres, KITTI)
	}
	img, kind, err := readTarget(path)
	if err != nil {
		return nil, err
	}
	grey, ok := img.(*stdimage.Gray16)
	if !ok {
		return nil, fmt.Errorf("%s: is %s: want a depth for each pixel, in a grey PNG with 16 bits", path, kind)
	}
	b := grey.Bounds()
	d := &Depth{H: b.Dy(), W: b.Dx(), Metres: make([]float32, b.Dy()*b.Dx())}
	if h != 0 && d.H != h || w != 0 && d.W != w {
		return nil, fmt.Errorf("%s: has %d×%d pixels, its picture has %d×%d (width×height): make the map as large as the picture", path, d.W, d.H, w, h)
	}
	for y := range d.H {
		for x := range d.W {
			d.Metres[y*d.W+x] = float32(float64(grey.Gray16At(b.Min.X+x, b.Min.Y+y).Y) / perMetre)
		}
	}
	return d, nil
}
