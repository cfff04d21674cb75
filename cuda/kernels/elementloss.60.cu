// Losses that are means over elements, and those of depth, in float64. A loss is computed in pieces, one for each block:
// what they add up to is in `pieces`, and loss_total_f32 makes of them the loss, or the factor of its gradient. The number
// of blocks depends on the sizes alone, so the order of sums does too.
//
// x and targets have n elements; where a mask is not null and 0, an element does not count.
#include "double.cuh"

// The compiler is kept from making a loop of its own for a mask that is null: it would double the code.
DEVICE bool counts(const float *mask, long long i) {
	asm volatile("" : "+l"(mask));
	return !mask || mask[i] != 0;
}

// Element is a loss of an element and its derivative.
struct Element {
	double value, slope;
};

// Binary cross entropy of a logit z and a target t, where positive targets have a weight; or the focal loss, if gamma is
// not negative. A negative alpha weighs nothing.
DEVICE Element binary(double z, double t, double w, double alpha, double gamma) {
	double small = exp64(-fabs(z)), p = 1 / (1 + small), q = small / (1 + small), log = log1p64(small); // σ(|z|), σ(-|z|)
	if (z < 0) {
		double s = p;
		p = q, q = s;
	}
	if (z != z) log = z;
	Element e = {(1 - t) * (log + (z > 0 ? z : 0)) + w * t * (log + (z < 0 ? -z : 0)), (1 - t) * p - w * t * q};
	if (gamma < 0) return e;
	double miss = p * (1 - t) + q * t, factor = pow64(miss, gamma), grown = 0;
	if (miss > 0) grown = gamma * (factor / miss) * p * q * (1 - 2 * t);
	double a = alpha >= 0 ? alpha * t + (1 - alpha) * (1 - t) : 1;
	return {a * e.value * factor, a * (e.slope * factor + e.value * grown)};
}

// The square of a difference, where beta is negative; else ½d²/beta below beta, and |d| - ½beta above.
DEVICE Element regression(double d, double beta) {
	double a = fabs(d);
	if (beta < 0) return {d * d, 2 * d};
	if (a < beta) return {d * d / (2 * beta), d / beta};
	if (d == 0) return {0, 0};
	return {a - beta / 2, d / a};
}

// each calls f for each of n elements, with a block's share of them.
template <class F> DEVICE void each(long long n, F f) {
#pragma unroll 1
	for (long long i = (long long)blockIdx.x * 256 + threadIdx.x; i < n; i += (long long)gridDim.x * 256) f(i);
}

// A gradient where dx is not null, and pieces of the loss where it is.
template <class F> DEVICE void elements(Pair *pieces, float *dx, const double *scale, const float *mask, long long n, F term) {
	Pair p = {};
	each(n, [&](long long i) {
		bool is = counts(mask, i);
		Element e = {};
		if (is) e = term(i);
		if (dx)
			dx[i] = is ? (float)(*scale * e.slope) : 0.f;
		else if (is)
			p.add(e.value, 1);
	});
	if (dx) return;
	p = blockSum(p);
	if (threadIdx.x == 0) pieces[blockIdx.x] = p;
}

// positive (K) has weights by the place in a row of K, or is null.
KERNEL __launch_bounds__(256) binary_loss_f32(Pair *pieces, float *dx, const double *scale, const float *x, const float *targets, const float *mask, const float *positive, int K, double alpha, double gamma, long long n) {
	elements(pieces, dx, scale, mask, n, [&](long long i) { return binary(x[i], targets[i], positive ? positive[i % K] : 1., alpha, gamma); });
}

KERNEL __launch_bounds__(256) regression_loss_f32(Pair *pieces, float *dx, const double *scale, const float *x, const float *target, const float *mask, double beta, long long n) {
	elements(pieces, dx, scale, mask, n, [&](long long i) { return regression((double)x[i] - target[i], beta); });
}

// y is the loss that pieces add up to, where it is not null; scale becomes the factor of the gradient, from dy.
KERNEL __launch_bounds__(256) loss_total_f32(float *y, double *scale, const float *dy, const Pair *pieces, int n) {
	Pair p = {};
#pragma unroll 1
	for (int i = threadIdx.x; i < n; i += 256) p.add(pieces[i].sum, pieces[i].over);
	p = blockSum(p);
	if (threadIdx.x) return;
	if (y) *y = (float)ratio(p.sum, p.over);
	if (dy) *scale = ratio(*dy, p.over);
}

// What SILog and GradientLog compare: log(x + eps) - log(target + eps), 0 of what does not count.
KERNEL __launch_bounds__(256) log_ratio_f32(double *g, const float *x, const float *target, const float *mask, double eps, long long n) {
	each(n, [&](long long i) {
		double v[2];
#pragma unroll 1
		for (int j = 0; j < 2; j++) v[j] = log64((j ? target[i] : x[i]) + eps);
		g[i] = counts(mask, i) ? v[0] - v[1] : 0;
	});
}

// SILog: √(var(g) + lambda·mean(g)²) of g = log_ratio, var the unbiased variance. A first pass adds up g, and
// silog_total_f32 makes of it the mean and the number of elements in `of`; a second one adds up (g - mean)², and
// silog_total_f32 makes of it the loss y, or in `of` the gradient of g: of[2]·(g - mean) + of[3].
KERNEL __launch_bounds__(256) silog_f32(Pair *pieces, const double *of, const double *g, const float *mask, int squares, long long n) {
	Pair p = {};
	double mean = squares ? of[0] : 0;
	each(n, [&](long long i) {
		double d = g[i] - mean;
		if (counts(mask, i)) p.add(squares ? d * d : d, 1);
	});
	p = blockSum(p);
	if (threadIdx.x == 0) pieces[blockIdx.x] = p;
}

KERNEL __launch_bounds__(256) silog_grad_f32(float *dx, const double *of, const double *g, const float *x, const float *mask, double eps, long long n) {
	each(n, [&](long long i) { dx[i] = counts(mask, i) ? (float)((of[2] * (g[i] - of[0]) + of[3]) / (x[i] + eps)) : 0.f; });
}

KERNEL __launch_bounds__(256) silog_total_f32(float *y, double *of, const float *dy, const Pair *pieces, int blocks, int squares, double lambda) {
	Pair p = {};
#pragma unroll 1
	for (int i = threadIdx.x; i < blocks; i += 256) p.add(pieces[i].sum, pieces[i].over);
	p = blockSum(p);
	if (threadIdx.x) return;
	if (!squares) {
		of[0] = ratio(p.sum, p.over), of[1] = p.over;
		return;
	}
	double others = fmax(p.over - 1, 0.), loss = sqrt(ratio(p.sum, others) + lambda * of[0] * of[0]);
	if (y) {
		*y = (float)loss;
		return;
	}
	double scale = ratio(*dy, loss);
	of[2] = ratio(scale, others), of[3] = ratio(scale * lambda * of[0], p.over);
}

// GradientLog: the sum over four scales, every 1st, 2nd, 4th and 6th pixel of maps (h, w), of |g(y) - g(y+2)| and
// |g(x) - g(x+2)|, both valid, divided by the valid pixels, g = log_ratio.
constexpr int SCALES = 4;
DEVICE int stepOf(int scale) { return scale == 0 ? 1 : 2 * scale; }

// pieces (SCALES, blocks): a block of this kernel has one scale.
KERNEL __launch_bounds__(256) gradient_log_f32(Pair *pieces, const double *g, const float *mask, int h, int w, long long n) {
	int step = stepOf(blockIdx.y);
	Pair p = {};
	each(n, [&](long long i) {
		int c = (int)(i % w), r = (int)(i / w % h);
		if (r % step || c % step || !counts(mask, i)) return;
		double s = 0;
		long long below = i + 2ll * step * w, right = i + 2 * step;
		if (r + 2 * step < h && counts(mask, below)) s += fabs(g[i] - g[below]);
		if (c + 2 * step < w && counts(mask, right)) s += fabs(g[i] - g[right]);
		p.add(s, 1);
	});
	p = blockSum(p);
	if (threadIdx.x == 0) pieces[blockIdx.y * gridDim.x + blockIdx.x] = p;
}

template <int SCALE> DEVICE Pair scaleSum(const Pair *pieces, int blocks) {
	Pair p = {};
#pragma unroll 1
	for (int i = threadIdx.x; i < blocks; i += 256) p.add(pieces[SCALE * blocks + i].sum, pieces[SCALE * blocks + i].over);
	return blockSum<SCALE>(p);
}

// y, or the factor of each scale in scales. A block.
KERNEL __launch_bounds__(256) gradient_log_total_f32(float *y, double *scales, const float *dy, const Pair *pieces, int blocks) {
	Pair all[SCALES] = {scaleSum<0>(pieces, blocks), scaleSum<1>(pieces, blocks), scaleSum<2>(pieces, blocks), scaleSum<3>(pieces, blocks)};
	if (threadIdx.x) return;
	double loss = 0;
#pragma unroll
	for (int s = 0; s < SCALES; s++) {
		loss += ratio(all[s].sum, all[s].over);
		if (!y) scales[s] = ratio(*dy, all[s].over);
	}
	if (y) *y = (float)loss;
}

DEVICE double sign(double x) { return x > 0 ? 1. : x < 0 ? -1. : x; }

KERNEL __launch_bounds__(256) gradient_log_grad_f32(float *dx, const double *g, const double *scales, const float *x, const float *mask, int h, int w, double eps, long long n) {
	each(n, [&](long long i) {
		int c = (int)(i % w), r = (int)(i / w % h);
		double sum = 0;
		if (!counts(mask, i)) {
			dx[i] = 0;
			return;
		}
#pragma unroll 1
		for (int s = 0; s < SCALES; s++) {
			int step = stepOf(s), far = 2 * step;
			if (r % step || c % step) continue;
			double signs = 0;
			auto meets = [&](bool inside, long long at) {
				if (inside && counts(mask, at)) signs += sign(g[i] - g[at]);
			};
			meets(r + far < h, i + (long long)far * w);
			meets(c + far < w, i + far);
			meets(r >= far, i - (long long)far * w);
			meets(c >= far, i - far);
			sum += scales[s] * signs;
		}
		dx[i] = (float)(sum / (x[i] + eps));
	});
}
