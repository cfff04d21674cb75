package main

import (
	"context"

	"cradio/radio/image"
)

// preload starts to load an image while the model is opened. The returned load waits for the
// image; size waits for its height and width, 0 if it cannot be loaded.
func preload(load func() (*image.RGB, error)) (later func() (*image.RGB, error), size func(context.Context) (h, w int)) {
	type loaded struct {
		img *image.RGB
		err error
	}
	ready := make(chan loaded, 1) // a channel, not a variable, so that the image can be freed once it is received
	known := make(chan [2]int, 1)
	go func() {
		img, err := load()
		hw := [2]int{}
		if err == nil {
			hw = [2]int{img.H, img.W}
		}
		known <- hw
		ready <- loaded{img, err}
	}()
	later = func() (*image.RGB, error) {
		l := <-ready
		return l.img, l.err
	}
	size = func(ctx context.Context) (h, w int) {
		select {
		case hw := <-known:
			return hw[0], hw[1]
		case <-ctx.Done():
			return 0, 0
		}
	}
	return later, size
}
