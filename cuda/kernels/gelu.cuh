// GELU is x·Φ(x), with Φ(x) = ½·erfc(-x/√2): the exact form, not the one of tanh.
#pragma once
#include "common.cuh"

// gelu is for float32.
DEVICE float gelu(float x) { return 0.5f * x * erfcf(-0.70710678118654752f * x); }

// geluFast is for products of bfloat16, whose own rounding is far larger than its error. erfc is by Abramowitz and Stegun 7.1.26,
// whose absolute error of 1.5e-7 becomes smaller with the tail: it is a factor of e^-z², of z = x/√2. The factors ½ and 1/√2 are in
// the constants.
DEVICE float geluFast(float x) {
	float t, e = exp2(-0.72134752044448170f * x * x);
	asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(t) : "f"(fmaf(0.23164189f, fabsf(x), 1.f)));
	float tail = e * t * (0.127414796f + t * (-0.142248368f + t * (0.7107068705f + t * (-0.7265760135f + t * 0.5307027145f))));
	return x * (x < 0 ? tail : 1.f - tail);
}
