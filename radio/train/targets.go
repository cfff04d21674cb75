package train

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"cradio/radio/data"
)

// checkTargets reads every mask and depth map once, so that one of another size than its picture, or
// with a label outside the classes, is found before the first step. The error is that of the first in
// the order of the set.
func (r *Recipe) checkTargets(ctx context.Context, s *Set) error {
	if !r.Head.Kind.Dense() {
		return nil
	}
	list := append(append([]Example(nil), s.Train...), s.Val...)
	wrong := make([]error, len(list))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				wrong[i] = r.checkTarget(list[i], len(s.Classes))
			}
		})
	}
	workers.Wait()
	for _, err := range wrong {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *Recipe) checkTarget(e Example, classes int) error {
	h, w, err := sizeOf(e.Picture)
	if err != nil {
		return err
	}
	if e.Depth != "" {
		_, err = data.ReadDepth(e.Depth, r.PerMetre, h, w)
		return err
	}
	opt := r.masks(classes)
	opt.H, opt.W = h, w
	_, err = data.ReadMask(e.Mask, opt)
	return err
}
