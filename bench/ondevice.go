package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"cradio/cpu"
	"cradio/graph"
)

// OnCPU says whether a device is the CPU, whose speed the probes measure.
func OnCPU(device string) bool { return device == "" || device == graph.Devices()[0] }

// settings describes what computes, and what its times are of.
func (l *Local) settings() (string, error) {
	if !OnCPU(l.Device) {
		s := fmt.Sprintf("%v; with the copies of pixels to it and of outputs from it", l.Model.Device())
		if n := l.atOnce(); n > 1 {
			s += fmt.Sprintf("; %d passes at once", n)
		}
		return s, nil
	}
	level, err := cpu.Choose()
	return fmt.Sprintf("kernels %v", level), err
}

// atOnce is how many forward passes are measured at once: one, or as many as keep all of several GPUs busy.
func (l *Local) atOnce() int {
	if d, ok := l.Model.Device().(graph.ParallelDevice); ok && strings.HasSuffix(l.Device, ":all") {
		return d.Parallel()
	}
	return 1
}

// passes computes n forward passes.
func (l *Local) passes(ctx context.Context, n int) error {
	var left atomic.Int64
	left.Store(int64(n))
	one := func() error {
		for left.Add(-1) >= 0 {
			if _, err := l.Model.Forward(ctx, l.pixels); err != nil {
				return err
			}
		}
		return nil
	}
	atOnce := min(l.atOnce(), n)
	if atOnce == 1 {
		return one()
	}
	errs := make([]error, atOnce)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = one() })
	}
	group.Wait()
	return errors.Join(errs...)
}
