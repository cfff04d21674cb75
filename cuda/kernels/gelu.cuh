// GELU is x·Φ(x), with Φ(x) = ½·erfc(-x/√2): the exact form, not the one of tanh.
#pragma once
#include "common.cuh"

// gelu is for float32.
DEVICE float gelu(float x) { return 0.5f * x * erfcf(-0.70710678118654752f * x); }

// geluFast is for products of bfloat16, whose own rounding is far larger than its error. erfc is by Abramowitz and Stegun 7.1.26,
// whose absolute error of 1.5e-7 becomes smaller with the tail: it is a factor of e^-z².
DEVICE float geluFast(float x) {
	float z = fabsf(x) * 0.70710678118654752f, t, e;
	asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(t) : "f"(fmaf(0.3275911f, z, 1.f)));
	e = exp2(-1.4426950408889634f * z * z);
	float tail = 0.5f * e * t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
	return x * (x < 0 ? tail : 1.f - tail);
}
