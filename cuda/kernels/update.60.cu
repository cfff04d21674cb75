// What changes weights: optimisers, moving averages, sums of gradients, and the norm that clips these. They round as
// PyTorch does: in float32 after each operation, with a fused multiply-add where PyTorch's vectors have one.
//
// hyper are numbers of a step: the rate as the sum of two, the step from 1, how far averages move, and the factors of an
// old sum and of a new gradient. clip, which may be null, has the factor of the gradient: where it is NaN nothing is
// written.
#include "double.cuh"

enum { RATE, REMAINDER, STEP, AVERAGE, KEEP, FACTOR };

DEVICE double rateOf(const float *hyper, double factor) { return ((double)hyper[RATE] + hyper[REMAINDER]) * factor; }

// power is b to the n.
DEVICE double power(double b, u32 n) {
	double p = 1;
#pragma unroll 1
	for (; n; n >>= 1, b *= b)
		if (n & 1) p *= b;
	return p;
}

template <class F> DEVICE void each(long long n, F f) {
#pragma unroll 1
	for (long long i = (long long)blockIdx.x * 256 + threadIdx.x; i < n; i += (long long)gridDim.x * 256) f(i);
}

// What AdamW needs of a step, made once for a block.
struct Adam {
	float rate, root, keep;
};

// coupled adds decay·w to the gradient; else w is multiplied by 1 - rate·decay. rest1 and rest2 are 1 - beta1 and
// 1 - beta2.
KERNEL __launch_bounds__(256) adamw_f32(float *w, float *m, float *v, const float *grad, const float *hyper, const float *clip, double beta1, double beta2, float rest1, float rest2, float eps, double decay, double factor, int coupled, long long n) {
	__shared__ Adam step;
	if (threadIdx.x == 0) {
		double r = rateOf(hyper, factor);
		u32 t = (u32)hyper[STEP];
		step = {(float)(-r / (1 - power(beta1, t))), (float)sqrt(1 - power(beta2, t)), coupled ? 1.f : (float)(1 - r * decay)};
	}
	__syncthreads();
	float of = clip ? *clip : 1.f, added = coupled ? (float)decay : 0.f, second = (float)beta2;
	if (of != of) return;
	each(n, [&](long long i) {
		float x = w[i], d = fmaf(x, added, __fmul_rn(grad[i], of)), old = m[i];
		float mean = fmaf(__fsub_rn(d, old), rest1, old), square = fmaf(__fmul_rn(rest2, d), d, __fmul_rn(v[i], second));
		m[i] = mean, v[i] = square;
		float root = __fadd_rn(__fdiv_rn(__fsqrt_rn(square), step.root), eps);
		w[i] = __fadd_rn(__fmul_rn(x, step.keep), __fdiv_rn(__fmul_rn(step.rate, mean), root));
	});
}

// b, the momentum, may be null.
KERNEL __launch_bounds__(256) sgd_f32(float *w, float *b, const float *grad, const float *hyper, const float *clip, float momentum, int nesterov, float decay, double factor, long long n) {
	float rate = (float)-rateOf(hyper, factor), of = clip ? *clip : 1.f;
	if (of != of) return;
	each(n, [&](long long i) {
		float x = w[i], d = fmaf(x, decay, __fmul_rn(grad[i], of));
		if (b) {
			float v = __fadd_rn(__fmul_rn(b[i], momentum), d);
			b[i] = v;
			d = nesterov ? fmaf(v, momentum, d) : v;
		}
		w[i] = fmaf(d, rate, x);
	});
}

KERNEL __launch_bounds__(256) average_f32(float *mean, const float *w, const float *hyper, long long n) {
	each(n, [&](long long i) {
		double old = mean[i];
		mean[i] = (float)(old + (w[i] - old) * hyper[AVERAGE]);
	});
}

// With a factor of 0 the old sum does not count, whatever it is.
KERNEL __launch_bounds__(256) accumulate_f32(float *sum, const float *grad, const float *hyper, long long n) {
	double keep = hyper[KEEP], factor = hyper[FACTOR];
	each(n, [&](long long i) {
		double s = factor * grad[i];
		if (keep != 0) s += keep * sum[i];
		sum[i] = (float)s;
	});
}

// Gradient is n elements, whose squares blocks from `first` on add up.
struct Gradient {
	const float *x;
	long long n, first;
};

// The sum of the squares of k gradients, a block's share of one of them in each of pieces. Behind the last gradient is
// one that begins where blocks end.
KERNEL __launch_bounds__(256) squares_f32(Pair *pieces, const Gradient *gradients, int k) {
	int at = 0, block = blockIdx.x;
#pragma unroll 1
	for (int end = k; end - at > 1;) {
		int middle = (at + end) / 2;
		if (gradients[middle].first > block) end = middle;
		else at = middle;
	}
	Gradient of = gradients[at];
	long long step = (gradients[at + 1].first - of.first) * 256;
	Pair p = {};
#pragma unroll 1
	for (long long i = (block - of.first) * 256 + threadIdx.x; i < of.n; i += step) p.add((double)of.x[i] * of.x[i], 0);
	p = blockSum(p);
	if (threadIdx.x == 0) pieces[block] = p;
}

// The root of the sum of n pieces. One block.
KERNEL __launch_bounds__(256) norm_f32(float *y, const Pair *pieces, int n) {
	Pair p = {};
#pragma unroll 1
	for (int i = threadIdx.x; i < n; i += 256) p.add(pieces[i].sum, 0);
	p = blockSum(p);
	if (threadIdx.x == 0) *y = (float)sqrt(p.sum);
}

// min(1, most / (norm + 1e-6)), and NaN where the norm is not finite. One thread.
KERNEL clip_factor_f32(float *y, const float *norm, double most) {
	double x = *norm;
	*y = (float)(x - x != 0 ? NAN64 : fmin(1., most / (x + 1e-6)));
}
