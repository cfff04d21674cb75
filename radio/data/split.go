package data

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// Fractions are the shares of the pictures that go to val and to test. The others go to train.
type Fractions struct{ Val, Test float64 }

// Check returns an error unless each fraction is at least 0, and some pictures are left for train.
func (f Fractions) Check() error {
	if !(f.Val >= 0 && f.Test >= 0 && f.Val+f.Test < 1) {
		return fmt.Errorf("the fractions are %g for val and %g for test: each must be at least 0, and their sum below 1", f.Val, f.Test)
	}
	return nil
}

// Split puts each picture into a part, by its contents: the same pictures get the same parts on
// any machine, in any order, and whatever other pictures there are. Copies of a picture are in
// one part. The shares are met on average. Another seed gives another split.
//
// Only pictures of the part `of` are split, the empty part for a set that has none: so a val
// part can be taken from train. Read must have been called.
func (d *Dataset) Split(of Part, f Fractions, seed uint64) error {
	if !d.Hashed {
		return errors.New("the set cannot be split before it was read: call Read")
	}
	if err := f.Check(); err != nil {
		return err
	}
	for i := range d.Items {
		item := &d.Items[i]
		if item.Part != of {
			continue
		}
		switch u := place(item.SHA256, seed); {
		case u < f.Test:
			item.Part = Test
		case u < f.Test+f.Val:
			item.Part = Val
		default:
			item.Part = Train
		}
	}
	return nil
}

// place returns a number in [0, 1) that depends on a checksum and a seed.
func place(sum [sha256.Size]byte, seed uint64) float64 {
	h := sha256.Sum256(append(sum[:], "split "+strconv.FormatUint(seed, 10)...))
	return float64(binary.BigEndian.Uint64(h[:])>>11) / (1 << 53)
}
