package train

import (
	"fmt"

	"cradio/radio/data"
	"cradio/radio/head"
)

// depths are how many pixels of depth maps were measured, how many of them count, and how deep they are.
type depths struct {
	measured, counted int
	low, high         float32 // metres, of those measured
}

// of takes those of a map. bins say which count.
func (d *depths) of(m *data.Depth, bins *head.Bins) {
	limits := Depths{Low: bins.Low, High: bins.High}
	for _, v := range m.Metres {
		if !(v > 0) {
			continue
		}
		if d.measured++; d.measured == 1 {
			d.low, d.high = v, v
		}
		d.low, d.high = min(d.low, v), max(d.high, v)
		if limits.counts(v) {
			d.counted++
		}
	}
}

func (d *depths) add(o depths) {
	switch {
	case o.measured == 0:
		return
	case d.measured == 0:
		*d = o
		return
	}
	d.measured, d.counted = d.measured+o.measured, d.counted+o.counted
	d.low, d.high = min(d.low, o.low), max(d.high, o.high)
}

// checkDepths returns an error if no pixel of train counts, and warns of depths that look like those of another unit
// or of a larger room than the head is for.
func (r *Recipe) checkDepths(s *Set, train, val *depths) error {
	bins := r.Head.Bins
	look := fmt.Sprintf("look at near, far and how much 1 m is in a file, %g", r.PerMetre)
	switch {
	case train.measured == 0:
		return fmt.Errorf("no pixel of the %d depth maps of train counts: all are 0, which means not measured", len(s.Train))
	case train.counted == 0:
		return fmt.Errorf("no pixel of the %d depth maps of train counts: they have %.4g to %.4g m, the head is for %g to %g m; %s", len(s.Train), train.low, train.high, bins.Low, bins.High, look)
	case s.Warn == nil:
		return nil
	}
	if left := train.measured - train.counted; 2*left > train.measured {
		s.Warn(fmt.Sprintf("%.0f %% of the measured pixels of train do not count: they have %.4g to %.4g m, the head is for %g to %g m; %s", 100*float64(left)/float64(train.measured), train.low, train.high, bins.Low, bins.High, look))
	} else if float64(train.high) < bins.High/farAbove {
		s.Warn(fmt.Sprintf("the depths of train are %.4g to %.4g m, the head is for %g to %g m; %s", train.low, train.high, bins.Low, bins.High, look))
	}
	if len(s.Val) > 0 && val.counted == 0 {
		s.Warn("no pixel of the depth maps of val counts: nothing says how good the head is")
	}
	return nil
}

// farAbove is how many times the deepest pixel far may be before it is said.
const farAbove = 50
