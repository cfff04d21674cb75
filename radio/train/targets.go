package train

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"cradio/radio/data"
	"cradio/radio/head"
)

// checkTargets reads every mask and depth map once, so that one of another size than its picture, or
// with a label outside the classes, is found before the first step. The error is that of the first in
// the order of the set.
func (r *Recipe) checkTargets(ctx context.Context, s *Set) error {
	if !r.Head.Kind.Dense() {
		return nil
	}
	list := append(append([]Example(nil), s.Train...), s.Val...)
	wrong, seen := make([]error, len(list)), make([][256]bool, len(list))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				seen[i], wrong[i] = r.checkTarget(list[i], len(s.Classes))
			}
		})
	}
	workers.Wait()
	for _, err := range wrong {
		if err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.Warn != nil && r.Head.Kind != head.Depth {
		s.lacking(seen[:len(s.Train)], seen[len(s.Train):])
	}
	return nil
}

// lacking warns of classes that no mask of train has. seen are the classes of each mask.
func (s *Set) lacking(train, val [][256]bool) {
	in := func(masks [][256]bool, class int) bool {
		return slices.ContainsFunc(masks, func(m [256]bool) bool { return m[class] })
	}
	var nowhere, inVal []string
	for c, name := range s.Classes {
		switch {
		case in(train, c):
		case in(val, c):
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

// checkTarget reads a mask, whose classes it returns, or a depth map.
func (r *Recipe) checkTarget(e Example, classes int) (seen [256]bool, err error) {
	h, w, err := sizeOf(e.Picture)
	if err != nil {
		return seen, err
	}
	if e.Depth != "" {
		_, err = data.ReadDepth(e.Depth, r.PerMetre, h, w)
		return seen, err
	}
	opt := r.masks(classes)
	opt.H, opt.W = h, w
	m, err := data.ReadMask(e.Mask, opt)
	if err != nil {
		return seen, err
	}
	for _, c := range m.Pix {
		seen[c] = true
	}
	return seen, nil
}
