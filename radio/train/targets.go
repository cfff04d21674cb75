package train

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"cradio/radio/data"
	"cradio/radio/head"
)

// pixels are how many pixels of masks have each value.
type pixels [256]int

// targets are what masks or depth maps hold.
type targets struct {
	labels pixels
	depths depths
	turned int // pictures with an EXIF orientation that is not applied
}

func (t *targets) add(o *targets) {
	for c, n := range o.labels {
		t.labels[c] += n
	}
	t.depths.add(o.depths)
	t.turned += o.turned
}

// checkTargets reads every mask and depth map once, so that one of another size than its picture, or
// with a label outside the classes, is found before the first step. The error is that of the first in
// the order of the set. counts are those of the classes in the masks of train, nil without masks.
func (r *Recipe) checkTargets(ctx context.Context, s *Set) (counts []int, err error) {
	if !r.Head.Kind.Dense() {
		return nil, nil
	}
	list := append(append([]Example(nil), s.Train...), s.Val...)
	wrong := make([]error, len(list))
	var train, val targets
	var adding sync.Mutex
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				var one targets
				wrong[i] = r.checkTarget(&one, list[i], len(s.Classes))
				sum := &train
				if i >= len(s.Train) {
					sum = &val
				}
				adding.Lock()
				sum.add(&one)
				adding.Unlock()
			}
		})
	}
	workers.Wait()
	for _, err := range wrong {
		if err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n := train.turned + val.turned; n > 0 && s.Warn != nil {
		s.Warn(fmt.Sprintf("%d of %d pictures have an EXIF orientation that is not applied: apply it (--orient) if masks and depth maps were made of the pictures as viewers show them", n, len(list)))
	}
	if r.Head.Kind == head.Depth {
		return nil, r.checkDepths(s, &train.depths, &val.depths)
	}
	if s.Warn != nil {
		s.lacking(&train.labels, &val.labels)
	}
	return train.labels[:len(s.Classes)], nil
}

// lacking warns of classes that no mask of train has.
func (s *Set) lacking(train, val *pixels) {
	if *train == (pixels{data.Ignored: train[data.Ignored]}) {
		s.Warn(fmt.Sprintf("no pixel of the %d masks of train counts: all have the label %d; the head learns nothing", len(s.Train), data.Ignored))
		return
	}
	var nowhere, inVal []string
	for c, name := range s.Classes {
		switch {
		case train[c] > 0:
		case val[c] > 0:
			inVal = append(inVal, name)
		default:
			nowhere = append(nowhere, name)
		}
	}
	if len(inVal) > 0 {
		s.Warn(fmt.Sprintf("val has pixels of classes that train lacks: %s; a head cannot learn them", strings.Join(inVal, ", ")))
	}
	if len(nowhere) > 0 {
		s.Warn(fmt.Sprintf("no mask has pixels of: %s", strings.Join(nowhere, ", ")))
	}
}

// checkTarget adds a mask or a depth map.
func (r *Recipe) checkTarget(t *targets, e Example, classes int) error {
	h, w, turned, err := r.sizeOf(e.Picture)
	if err != nil {
		return err
	}
	if turned > 1 {
		t.turned++
	}
	if err = r.addTarget(t, e, classes, h, w); err != nil && turned >= onItsSide && r.addTarget(&targets{}, e, classes, w, h) == nil {
		return fmt.Errorf("%s: has %d×%d pixels (width×height), its picture has them as its EXIF orientation turns it, which is not applied: apply it (--orient)", e.Mask+e.Depth, h, w)
	}
	return err
}

// addTarget adds a mask or a depth map of a picture of h×w pixels.
func (r *Recipe) addTarget(t *targets, e Example, classes, h, w int) error {
	if e.Depth != "" {
		m, err := data.ReadDepth(e.Depth, r.PerMetre, h, w)
		if err == nil {
			t.depths.of(m, r.Head.Bins)
		}
		return err
	}
	opt := r.masks(classes)
	opt.H, opt.W = h, w
	m, err := data.ReadMask(e.Mask, opt)
	if err != nil {
		return err
	}
	for _, c := range m.Pix {
		t.labels[c]++
	}
	return nil
}
