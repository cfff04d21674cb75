// Losses of rows of logits x (rows, K), in float64. As in elementloss.60.cu, a block adds up its rows in one of `pieces`,
// and loss_total_f32 adds up these.
//
// labels (rows) are numbers of classes: negative ones, and `ignore` if it is not 0, do not count, and with one that is no
// class the loss is NaN. A warp has a row, a lane every 32nd class.
#include "between.cuh"
#include "double.cuh"

constexpr int IGNORED = -1, WRONG = -2;

DEVICE int labelOf(float label, int ignore, int K) {
	if (label < 0 || ignore != 0 && label == ignore) return IGNORED;
	return label < K && truncf(label) == label ? (int)label : WRONG;
}

// exchanged is the number of the lane at a distance of o.
DEVICE double exchanged(double v, int o) {
	u32 low, high;
	asm("mov.b64 {%0, %1}, %2;" : "=r"(low), "=r"(high) : "d"(v));
	low = __shfl_xor_sync(~0u, low, o), high = __shfl_xor_sync(~0u, high, o);
	asm("mov.b64 %0, {%1, %2};" : "=d"(v) : "r"(low), "r"(high));
	return v;
}

// lanesSum adds up N numbers over the lanes of a warp.
template <int N> DEVICE void lanesSum(double (&v)[N]) {
#pragma unroll 1
	for (int o = 16; o > 0; o >>= 1)
#pragma unroll
		for (int i = 0; i < N; i++) v[i] += exchanged(v[i], o);
}

DEVICE double lanesMax(double v) {
#pragma unroll 1
	for (int o = 16; o > 0; o >>= 1) v = fmax(v, exchanged(v, o));
	return v;
}

// Softmax of a row: its largest logit, and the sum of exp(logit - largest), in all and without the class y. at gives the
// logit of a class. NaN is not the largest, but makes the sum NaN.
struct Softmax {
	double top, sum, others, inverse; // the last is 1/sum
	template <class F> DEVICE Softmax(int K, int y, F at) {
		int lane = threadIdx.x % 32;
		double most = -INFINITE64, s[2] = {};
#pragma unroll 1
		for (int c = lane; c < K; c += 32) most = fmax(most, at(c));
		top = lanesMax(most);
#pragma unroll 1
		for (int c = lane; c < K; c += 32) {
			double e = exp64(at(c) - top);
			s[0] += e;
			if (c != y) s[1] += e;
		}
		lanesSum(s);
		sum = s[0], others = s[1], inverse = 1 / sum;
	}
};

// Options of a cross entropy: -Σ a·log p with a = (1 - smoothing)·w·t + share·w, share = smoothing/K, where t is 1 for the label, or a
// probability if soft. weight (K) may be null.
struct Terms {
	const float *labels, *weight;
	int K, ignore, soft, overAll;
	double smoothing, share; // of a class, smoothing/K

	DEVICE int label(long long r) { return soft ? 0 : labelOf(labels[r], ignore, K); }
	DEVICE double w(int c) {
		const float *from = weight;
		asm volatile("" : "+l"(from)); // or the compiler makes a loop of its own for no weights: twice the code
		return from ? from[c] : 1.;
	}
	DEVICE double a(long long r, int y, int c) {
		double t = soft ? (double)labels[r * K + c] : c == y;
		return w(c) * (t * (1 - smoothing) + share);
	}
	// over is what a row adds to the divisor.
	DEVICE double over(int y) { return soft || overAll ? 1 : y == IGNORED ? 0 : y == WRONG ? NAN64 : w(y); }
};

// rows calls f for each row that the block has, in each lane of the row's warp.
template <class F> DEVICE void rows(long long n, F f) {
#pragma unroll 1
	for (long long r = (long long)blockIdx.x * 8 + threadIdx.x / 32; r < n; r += (long long)gridDim.x * 8) f(r);
}

DEVICE void piece(Pair *pieces, Pair p) {
	if (threadIdx.x % 32) p = {}; // all lanes of a warp have the same
	p = blockSum(p);
	if (threadIdx.x == 0) pieces[blockIdx.x] = p;
}

KERNEL __launch_bounds__(256) cross_entropy_f32(Pair *pieces, const float *x, const float *labels, const float *weight, int K, int ignore, int soft, int overAll, double smoothing, double share, long long n) {
	Terms terms = {labels, weight, K, ignore, soft, overAll, smoothing, share};
	Pair p = {};
	rows(n, [&](long long r) {
		const float *z = x + r * K;
		int y = terms.label(r);
		if (y < 0) {
			p.add(y == WRONG ? NAN64 : 0, terms.over(y));
			return;
		}
		Softmax s(K, y, [&](int c) { return (double)z[c]; });
		double sums[2] = {}; // of a, and of a·(z - top)
#pragma unroll 1
		for (int c = threadIdx.x % 32; c < K; c += 32) {
			double a = terms.a(r, y, c);
			sums[0] += a;
			if (a != 0) sums[1] += a * (z[c] - s.top);
		}
		lanesSum(sums);
		p.add(sums[0] * log64(s.sum) - sums[1], terms.over(y));
	});
	piece(pieces, p);
}

// The gradient of a row is Σa·p - a; of a label's class p - 1 is the negative sum of the others, so that it has no error
// of cancellation.
KERNEL __launch_bounds__(256) cross_entropy_grad_f32(float *dx, const double *scale, const float *x, const float *labels, const float *weight, int K, int ignore, int soft, int overAll, double smoothing, double share, long long n) {
	Terms terms = {labels, weight, K, ignore, soft, overAll, smoothing, share};
	rows(n, [&](long long r) {
		const float *z = x + r * K;
		float *dz = dx + r * K;
		int y = terms.label(r), lane = threadIdx.x % 32;
		if (y < 0) {
#pragma unroll 1
			for (int c = lane; c < K; c += 32) dz[c] = y == WRONG && c == 0 ? (float)NAN64 : 0.f;
			return;
		}
		Softmax s(K, y, [&](int c) { return (double)z[c]; });
		double all[1] = {};
#pragma unroll 1
		for (int c = lane; c < K; c += 32) all[0] += terms.a(r, y, c);
		lanesSum(all);
		double f = all[0] * s.inverse;
#pragma unroll 1
		for (int c = lane; c < K; c += 32) {
			double a = terms.a(r, y, c), g = f * exp64(z[c] - s.top) - a;
			if (!soft && c == y) g = (all[0] - a) - f * s.others;
			dz[c] = (float)(*scale * g);
		}
	});
}

// -(1 - p)^gamma · log p of the label's class, and its gradient where dx is not null.
KERNEL __launch_bounds__(256) softmax_focal_f32(Pair *pieces, float *dx, const double *scale, const float *x, const float *labels, int K, int ignore, double gamma, long long n) {
	Pair p = {};
	rows(n, [&](long long r) {
		const float *z = x + r * K;
		int y = labelOf(labels[r], ignore, K);
		double slope = 0, miss = 0;
		Softmax s(K, y, [&](int c) { return (double)z[c]; });
		if (y != IGNORED) {
			double log = y < 0 ? NAN64 : z[y] - s.top - log64(s.sum);
			miss = s.others * s.inverse;
			double factor = pow64(miss, gamma);
			slope = -factor;
			if (miss > 0) slope += gamma * (factor / miss) * (1 - miss) * log;
			if (y < 0) slope = NAN64;
			p.add(-factor * log, 1);
		}
		if (!dx) return;
		double f = slope * *scale;
#pragma unroll 1
		for (int c = threadIdx.x % 32; c < K; c += 32) dx[r * K + c] = y == IGNORED ? 0.f : (float)(f * (c == y ? miss : -exp64(z[c] - s.top) * s.inverse));
	});
	if (!dx) piece(pieces, p);
}

// Softmax of each row: the largest logit and one over the sum of exps, which is 0 for rows that do not count, and NaN
// for those with a wrong label.
struct Row {
	double top, inverse;
};

KERNEL __launch_bounds__(256) softmax_rows_f32(Row *to, const float *x, const float *labels, int K, int ignore, long long n) {
	rows(n, [&](long long r) {
		const float *z = x + r * K;
		int y = labelOf(labels[r], ignore, K);
		Softmax s(K, y, [&](int c) { return (double)z[c]; });
		if (threadIdx.x % 32 == 0) to[r] = {s.top, y == IGNORED ? 0. : y == WRONG ? NAN64 : s.inverse};
	});
}

// Dice: 1 - (2·Σpt + smooth) / (Σp² + Σt² + smooth) of each picture and class, the mean, of rows (B, pixels). A block of
// this kernel adds up some pixels of one picture, a thread one class of them: sums (B, pieces, 3, K) are Σpt, Σp² and Σt.
KERNEL __launch_bounds__(256) dice_sums_f32(double *sums, const Row *softmax, const float *x, const float *labels, int K, int ignore, int pixels, int each) {
	sums += ((size_t)blockIdx.y * gridDim.x + blockIdx.x) * 3 * K;
	int end = min(pixels, (int)(blockIdx.x + 1) * each);
#pragma unroll 1
	for (int c = threadIdx.x; c < K; c += 256) {
		double s[3] = {};
#pragma unroll 1
		for (int i = blockIdx.x * each; i < end; i++) {
			long long r = (long long)blockIdx.y * pixels + i;
			Row row = softmax[r];
			if (row.inverse == 0) continue;
			double p = exp64(x[r * K + c] - row.top) * row.inverse;
			s[1] += p * p;
			if (labels[r] == c) s[0] += p, s[2] += 1;
		}
#pragma unroll
		for (int j = 0; j < 3; j++) sums[j * K + c] = s[j];
	}
}

// slopes (B·K) become the derivatives of Σpt and of Σp². One block.
KERNEL __launch_bounds__(256) dice_total_f32(float *y, Pair *slopes, const double *sums, int K, int batch, int pieces, double smooth) {
	Pair p = {};
	double mean = 1. / ((double)batch * K);
#pragma unroll 1
	for (int i = threadIdx.x; i < batch * K; i += 256) {
		double s[3] = {};
		const double *from = sums + (size_t)(i / K) * pieces * 3 * K + i % K;
#pragma unroll 1
		for (int j = 0; j < pieces; j++, from += 3 * K)
#pragma unroll
			for (int k = 0; k < 3; k++) s[k] += from[k * K];
		double up = 2 * s[0] + smooth, down = s[1] + s[2] + smooth;
		p.add(mean * (1 - up / down), 0);
		slopes[i] = {-2 * mean / down, mean * up / (down * down)};
	}
	if (!y) return;
	p = blockSum(p);
	if (threadIdx.x == 0) *y = (float)p.sum;
}

// Of p the gradient is g = t·slope + 2p·slope, of the logits p·(g - Σgp).
KERNEL __launch_bounds__(256) dice_grad_f32(float *dx, const Row *softmax, const Pair *slopes, const float *dy, const float *x, const float *labels, int K, int pixels, long long n) {
	rows(n, [&](long long r) {
		Row row = softmax[r];
		const Pair *of = slopes + r / pixels * K;
		double mean[1] = {}, p = 0, g = 0;
		auto class_ = [&](int c) {
			p = exp64(x[r * K + c] - row.top) * row.inverse;
			g = 2 * p * of[c].over + (labels[r] == c ? of[c].sum : 0);
		};
		if (row.inverse != 0) {
#pragma unroll 1
			for (int c = threadIdx.x % 32; c < K; c += 32) {
				class_(c);
				mean[0] += p * g;
			}
			lanesSum(mean);
		}
#pragma unroll 1
		for (int c = threadIdx.x % 32; c < K; c += 32) {
			class_(c);
			dx[r * K + c] = row.inverse == 0 ? 0.f : (float)(*dy * p * (g - mean[0]));
		}
	});
}

// Logits (B, fromH, fromW, K), resized to labels (B, h, w).
struct Resized {
	const float *x;
	int K, fromH, fromW, h, w;
	double ratioH, ratioW;

	struct Pixel {
		const float *a, *b, *c, *d;
		double f, g;
		DEVICE double at(int k) {
			double top = (1 - g) * a[k] + (g != 0 ? g * b[k] : 0), bottom = (1 - g) * c[k] + (g != 0 ? g * d[k] : 0);
			return (1 - f) * top + (f != 0 ? f * bottom : 0);
		}
	};
	DEVICE Pixel pixel(long long r) {
		Between v((int)(r / w % h), fromH, ratioH), u((int)(r % w), fromW, ratioW);
		auto row = [&](int i, int j) { return x + ((r / w / h * fromH + i) * fromW + j) * K; };
		return {row(v.low, u.low), row(v.low, u.high), row(v.high, u.low), row(v.high, u.high), v.f, u.f};
	}
};

// Of each label: its loss and what it adds to the divisor, as cross_entropy_f32; and in `to`, where it is not null, the
// softmax: the largest logit, one over the sum of exps, and the part of the sum that is not the label's class.
struct Pixel {
	double top, inverse, others;
};

KERNEL __launch_bounds__(256) resized_cross_entropy_f32(Pair *pieces, Pixel *to, const float *x, const float *labels, const float *weight, int K, int ignore, int overAll, double smoothing, double share, int fromH, int fromW, int h, int w, double ratioH, double ratioW, long long n) {
	Terms terms = {labels, weight, K, ignore, 0, overAll, smoothing, share};
	Resized resized = {x, K, fromH, fromW, h, w, ratioH, ratioW};
	Pair p = {};
	rows(n, [&](long long r) {
		int y = terms.label(r);
		Resized::Pixel z = resized.pixel(r);
		Softmax s(K, y, [&](int c) { return z.at(c); });
		double sums[2] = {};
#pragma unroll 1
		for (int c = threadIdx.x % 32; c < K; c += 32) {
			double a = terms.a(r, y, c);
			sums[0] += a;
			if (a != 0) sums[1] += a * (z.at(c) - s.top);
		}
		lanesSum(sums);
		p.add(y == WRONG ? NAN64 : y < 0 ? 0 : sums[0] * log64(s.sum) - sums[1], terms.over(y));
		if (to && threadIdx.x % 32 == 0) to[r] = {s.top, s.inverse, s.others * s.inverse};
	});
	piece(pieces, p);
}

// The gradient towards one logit's row: over all labels that have a share in it. A block has a row, a thread a class.
KERNEL __launch_bounds__(128) resized_cross_entropy_grad_f32(float *dx, const double *scale, const Pixel *softmax, const float *x, const float *labels, const float *weight, int K, int ignore, double smoothing, double share, int fromH, int fromW, int h, int w, double ratioH, double ratioW) {
	Terms terms = {labels, weight, K, ignore, 0, 0, smoothing, share};
	Resized resized = {x, K, fromH, fromW, h, w, ratioH, ratioW};
	int row = blockIdx.x / fromW, column = blockIdx.x % fromW;
	int y1 = last(row, fromH, h), x0 = first(column, fromW, w), x1 = last(column, fromW, w);
	double all = 0;
#pragma unroll 1
	for (int c = 0; c < K; c++) all += terms.w(c) * terms.share;
#pragma unroll 1
	for (int c = threadIdx.x; c < K; c += 128) {
		double sum = 0;
#pragma unroll 1
		for (int i = first(row, fromH, h); i < y1; i++) {
			double down = Between(i, fromH, resized.ratioH).share(row);
			if (down == 0) continue;
#pragma unroll 1
			for (int j = x0; j < x1; j++) {
				double f = down * Between(j, fromW, resized.ratioW).share(column);
				if (f == 0) continue;
				long long r = ((long long)blockIdx.y * h + i) * w + j;
				int y = terms.label(r);
				if (y == IGNORED) continue;
				Pixel s = softmax[r];
				double a = terms.a(r, y, c), of = y < 0 ? NAN64 : (1 - smoothing) * terms.w(y) + all;
				sum += f * (c == y ? (of - a) - of * s.others : of * (exp64(resized.pixel(r).at(c) - s.top) * s.inverse) - a);
			}
		}
		dx[((size_t)blockIdx.y * gridDim.x + blockIdx.x) * K + c] = (float)(*scale * sum);
	}
}
