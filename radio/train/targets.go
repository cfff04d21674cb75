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

// checkTargets reads every mask and depth map once, so that one of another size than its picture, or
// with a label outside the classes, is found before the first step. The error is that of the first in
// the order of the set. counts are those of the classes in the masks of train, nil without masks.
func (r *Recipe) checkTargets(ctx context.Context, s *Set) (counts []int, err error) {
	if !r.Head.Kind.Dense() {
		return nil, nil
	}
	list := append(append([]Example(nil), s.Train...), s.Val...)
	wrong := make([]error, len(list))
	var train, val pixels
	var trainDepths, valDepths depths
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
				var mask pixels
				var d depths
				mask, d, wrong[i] = r.checkTarget(list[i], len(s.Classes))
				sum, sumDepths := &train, &trainDepths
				if i >= len(s.Train) {
					sum, sumDepths = &val, &valDepths
				}
				adding.Lock()
				for c, n := range mask {
					sum[c] += n
				}
				sumDepths.add(d)
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
	if r.Head.Kind == head.Depth {
		return nil, r.checkDepths(s, &trainDepths, &valDepths)
	}
	if s.Warn != nil {
		s.lacking(&train, &val)
	}
	return train[:len(s.Classes)], nil
}

// lacking warns of classes that no mask of train has.
func (s *Set) lacking(train, val *pixels) {
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

// checkTarget reads a mask, whose pixels it counts, or a depth map.
func (r *Recipe) checkTarget(e Example, classes int) (mask pixels, d depths, err error) {
	h, w, err := sizeOf(e.Picture)
	if err != nil {
		return mask, d, err
	}
	if e.Depth != "" {
		m, err := data.ReadDepth(e.Depth, r.PerMetre, h, w)
		if err == nil {
			d.of(m, r.Head.Bins)
		}
		return mask, d, err
	}
	opt := r.masks(classes)
	opt.H, opt.W = h, w
	m, err := data.ReadMask(e.Mask, opt)
	if err != nil {
		return mask, d, err
	}
	for _, c := range m.Pix {
		mask[c]++
	}
	return mask, d, nil
}
