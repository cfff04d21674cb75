// Where samples lie between pixels: PyTorch's interpolate with align_corners=False, from `from` pixels to `to` samples.
#pragma once
#include "common.cuh"

// Between is two pixels, and the share of the second; ratio is from / to.
struct Between {
	int low, high;
	double f;
	DEVICE Between(int at, int from, double ratio) {
		double s = fmax((at + 0.5) * ratio - 0.5, 0.);
		low = min((int)s, from - 1), high = min(low + 1, from - 1), f = s - low;
	}
	// share is how much of pixel `of` the sample has.
	DEVICE double share(int of) { return (of == low ? 1 - f : 0.) + (of == high ? f : 0.); }
};

// first is a sample before which none has a share of pixel `of`, last one from which on none has.
DEVICE int first(int of, int from, int to) { return of == 0 ? 0 : max((2 * of - 1) * to / (2 * from) - 2, 0); }
DEVICE int last(int of, int from, int to) { return of == from - 1 ? to : min((2 * of + 3) * to / (2 * from) + 2, to); }
