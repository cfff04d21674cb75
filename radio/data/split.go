package data

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
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
// one part. The shares are met on average. Another seed gives another split. Of a class of which train would have
// no picture, one stays there with its copies: what no picture has shown cannot be learned.
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
	var rows []int
	for i := range d.Items {
		item := &d.Items[i]
		if item.Part != of {
			continue
		}
		rows = append(rows, i)
		switch u := place(item.SHA256, seed); {
		case u < f.Test:
			item.Part = Test
		case u < f.Test+f.Val:
			item.Part = Val
		default:
			item.Part = Train
		}
	}
	d.keepClasses(rows, seed)
	return nil
}

// keepClasses puts one of the rows with each class that train lacks into train, with its copies: that of the highest place.
func (d *Dataset) keepClasses(rows []int, seed uint64) {
	counts := d.Counts(Train)
	if !slices.Contains(counts, 0) || len(d.Part(Train)) == 0 { // none at all: Check says so, and what helps
		return
	}
	of := make([][]int, len(counts)) // rows of the classes that train lacks
	for _, i := range rows {
		for _, l := range d.Items[i].Labels {
			if counts[l] == 0 {
				of[l] = append(of[l], i)
			}
		}
	}
	kept := map[[sha256.Size]byte]bool{}
	for _, list := range of {
		if len(list) == 0 || slices.ContainsFunc(list, func(i int) bool { return kept[d.Items[i].SHA256] }) {
			continue
		}
		last := slices.MaxFunc(list, func(i, j int) int {
			return cmp.Compare(place(d.Items[i].SHA256, seed), place(d.Items[j].SHA256, seed))
		})
		kept[d.Items[last].SHA256] = true
	}
	for _, i := range rows {
		if kept[d.Items[i].SHA256] {
			d.Items[i].Part = Train
		}
	}
}

// place returns a number in [0, 1) that depends on a checksum and a seed.
func place(sum [sha256.Size]byte, seed uint64) float64 {
	h := sha256.Sum256(append(sum[:], "split "+strconv.FormatUint(seed, 10)...))
	return float64(binary.BigEndian.Uint64(h[:])>>11) / (1 << 53)
}
