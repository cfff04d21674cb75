package features

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"cradio/radio/augment"
	"cradio/radio/data"
)

// Views says which views of each picture have a row. View 0 is the whole picture, as an evaluation
// sees it. The others are crops, flipped with a probability of ½. They depend on the seed and the
// contents of the picture only. A training that takes another view in each epoch sees some of the
// variety that it would have without a store.
type Views struct {
	Count int        `json:"count"` // at least 1
	Seed  uint64     `json:"seed"`
	Scale [2]float64 `json:"scale"` // part of the picture's area that a crop has, from and to
}

// DefaultScale is the part of a picture that a crop has.
var DefaultScale = [2]float64{0.35, 1}

// maxViews is the limit of views.
const maxViews = 1 << 16

// Check returns an error for what are no views.
func (v Views) Check() error {
	if v.Count < 1 || v.Count > maxViews {
		return fmt.Errorf("the number of views is %d: must be 1 to %d", v.Count, maxViews)
	}
	return v.policy().Check()
}

func (v Views) policy() augment.Policy { return augment.Policy{Scale: v.Scale, Flip: 0.5} }

// crop is the key of a view, 0 for the whole picture.
func (v Views) crop(view int) uint64 {
	if view == 0 {
		return 0
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "view %d, seed %d, scale %g to %g, ratio 3/4 to 4/3, flip 1/2", view, v.Seed, v.Scale[0], v.Scale[1]))
	return binary.LittleEndian.Uint64(sum[:]) | 1
}

// Params returns the crop and flip of a view of a picture of h×w pixels whose file has this SHA-256.
// Its Size is zero.
func (v Views) Params(picture [sha256.Size]byte, view, h, w int) (augment.Params, error) {
	if view == 0 {
		return augment.Params{}, nil
	}
	sample := binary.LittleEndian.Uint64(picture[:])
	return v.policy().Draw(data.Rand(v.Seed, 0, sample, fmt.Sprintf("view %d", view)), h, w)
}
