// exp, log and sums in float64, for losses, which are small: to a few units in the last place, in few instructions.
#pragma once
#include "common.cuh"

#define INFINITE64 __longlong_as_double(0x7ff0000000000000ll)
#define NAN64 __longlong_as_double(0x7ff8000000000000ll)

// power2 is 2 to the k, of at least -1022.
DEVICE double power2(int k) { return __longlong_as_double((long long)(k + 1023) << 52); }

// polynomial is c[0] + c[1]·x + …, by Horner's rule.
template <int N> DEVICE double polynomial(const double (&c)[N], double x) {
	double s = c[N - 1];
#pragma unroll
	for (int i = N - 2; i >= 0; i--) s = fma(s, x, c[i]);
	return s;
}

// exp64 is 2^k·e^r with |r| ≤ ½·ln 2, e^r by its series.
DEVICE double exp64(double x) {
	if (x > 1100) x = 1100;
	if (x < -1100) x = -1100;
	int k = __double2int_rn(x * 1.4426950408889634);
	double r = fma(-(double)k, 6.93147180369123816490e-01, x);
	r = fma(-(double)k, 1.90821492927058770002e-10, r);
	const double c[] = {1, 1, 1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040, 1. / 40320, 1. / 362880, 1. / 3628800, 1. / 39916800, 1. / 479001600};
	return polynomial(c, r) * power2(k / 2) * power2(k - k / 2);
}

// log64 is k·ln 2 + log m with m between √½ and √2, log m by the series of artanh((m - 1) / (m + 1)). x is no denormal.
DEVICE double log64(double x) {
	if (!(x > 0)) return x == 0 ? -INFINITE64 : NAN64;
	if (x == INFINITE64) return x;
	long long bits = __double_as_longlong(x), above = bits - 0x3fe6a09e667f3bcdll; // √½
	int k = (int)(above >> 52);
	double m = __longlong_as_double(bits - ((long long)k << 52)), t = (m - 1) / (m + 1);
	const double c[] = {1, 1. / 3, 1. / 5, 1. / 7, 1. / 9, 1. / 11, 1. / 13, 1. / 15, 1. / 17, 1. / 19, 1. / 21};
	return fma((double)k, 6.93147180369123816490e-01, fma((double)k, 1.90821492927058770002e-10, 2 * t * polynomial(c, t * t)));
}

// log1p64 is log(1 + x), also where that is near 0.
DEVICE double log1p64(double x) {
	double u = 1 + x;
	return u == 1 ? x : log64(u) * x / (u - 1);
}

// pow64 is x to the y, of an x that is not negative.
DEVICE double pow64(double x, double y) { return y == 0 ? 1 : x == 0 ? (y > 0 ? 0 : INFINITE64) : exp64(y * log64(x)); }

// ratio is sum / over, and 0 where nothing counts. A NaN stays one.
DEVICE double ratio(double sum, double over) { return over == 0 && sum == sum ? 0 : sum / over; }

// Pair is a sum, and what it is divided by.
struct Pair {
	double sum, over;
	DEVICE void add(double s, double o) { sum += s, over += o; }
};

// blockSum adds up over a block of 256 threads, in a tree; thread 0 gets the result. Each sum of a kernel has an id, and
// memory of its own.
template <int ID = 0> DEVICE Pair blockSum(Pair p) {
	__shared__ Pair sums[256];
	sums[threadIdx.x] = p;
#pragma unroll 1
	for (int o = 128; o > 0; o >>= 1) {
		__syncthreads();
		if (threadIdx.x < o) sums[threadIdx.x].add(sums[threadIdx.x + o].sum, sums[threadIdx.x + o].over);
	}
	return sums[threadIdx.x];
}
