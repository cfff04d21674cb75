// What heads and text towers have beside products, norms and attention, in float32. n is the number of elements of
// the result.
#include "product.cuh"

DEVICE long long element() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }

// Row i of y is row ids[i] of table (rows, dim), NaN where that is no row of it. A block has one row.
KERNEL __launch_bounds__(128) lookup_f32(float *y, const float *table, const float *ids, int rows, int dim) {
	float id = ids[blockIdx.x];
	bool is = id >= 0 && id < rows && floorf(id) == id;
	const float *from = table + (is ? (size_t)id * dim : 0);
	for (int i = threadIdx.x; i < dim; i += 128) y[(size_t)blockIdx.x * dim + i] = is ? from[i] : __int_as_float(0x7fffffff);
}

// The mean over tokens of x (B, tokens, dim). A thread has one column.
KERNEL mean_tokens_f32(float *y, const float *x, int tokens, int dim) {
	int c = blockIdx.x * blockDim.x + threadIdx.x;
	if (c >= dim) return;
	float s = 0, lost = 0;
	for (int t = 0; t < tokens; t++) add(s, lost, x[((size_t)blockIdx.y * tokens + t) * dim + c]);
	y[(size_t)blockIdx.y * dim + c] = s / tokens;
}

// y (B, tokens, dim) repeats x (B, dim), divided by divisor.
KERNEL repeat_tokens_f32(float *y, const float *x, int tokens, int dim, float divisor, long long n) {
	long long i = element();
	if (i < n) y[i] = x[i / dim / tokens * dim + i % dim] / divisor;
}

// x·σ(slope·x + cubic·x³)
KERNEL sigmoid_gelu_f32(float *y, const float *x, float slope, float cubic, long long n) {
	long long i = element();
	if (i >= n) return;
	float v = x[i], u = slope * v;
	if (cubic != 0) u = fmaf(cubic * v * v, v, u);
	y[i] = v * (1 / (1 + expf(-u)));
}

// Columns from `from` on of x (rows, ldx) become columns from `to` on of y (rows, ldy): `count` of them.
KERNEL copy_columns_f32(float *y, const float *x, int count, int ldy, int to, int ldx, int from, long long n) {
	long long i = element();
	if (i < n) y[i / count * ldy + to + i % count] = x[i / count * ldx + from + i % count];
}

// x (rows, count) in columns from `to` on of y (rows, ldy), between zeros.
KERNEL place_columns_f32(float *y, const float *x, int count, int ldy, int to, long long n) {
	long long i = element();
	if (i >= n) return;
	int c = (int)(i % ldy) - to;
	y[i] = c >= 0 && c < count ? x[i / ldy * count + c] : 0.f;
}

// neighbour is the token at place `at` of the 3×3 around a token, row by row, or -1 beyond the edge of the grid.
DEVICE long long neighbour(long long token, int at, int h, int w) {
	int y = (int)(token / w % h) + at / 3 - 1, x = (int)(token % w) + at % 3 - 1;
	return y >= 0 && y < h && x >= 0 && x < w ? token + (at / 3 - 1) * w + at % 3 - 1 : -1;
}

// y (tokens, channels, 9) has each token and the eight around it, x (tokens, channels) in grids of h×w.
KERNEL neighbours_f32(float *y, const float *x, int h, int w, int channels, long long n) {
	long long i = element();
	if (i >= n) return;
	long long from = neighbour(i / 9 / channels, (int)(i % 9), h, w);
	y[i] = from < 0 ? 0.f : x[from * channels + i / 9 % channels];
}

KERNEL neighbours_grad_f32(float *dx, const float *dy, int h, int w, int channels, long long n) {
	long long i = element();
	if (i >= n) return;
	float s = 0, lost = 0;
	for (int at = 0; at < 9; at++) {
		long long other = neighbour(i / channels, at, h, w);
		if (other >= 0) add(s, lost, dy[(other * channels + i % channels) * 9 + 8 - at]);
	}
	dx[i] = s;
}

// Where a sample lies between two: PyTorch's interpolate with align_corners=False.
struct Between {
	int low, high;
	float f;
	DEVICE Between(int at, int from, int to) {
		double s = fmax((at + 0.5) * from / to - 0.5, 0.);
		low = min((int)s, from - 1), high = min(low + 1, from - 1);
		f = (float)(s - low);
	}
};

// y (B, h·w, channels) is x (B, fromH·fromW, channels), resized bilinearly.
KERNEL resize_f32(float *y, const float *x, int fromH, int fromW, int h, int w, int channels, long long n) {
	long long i = element();
	if (i >= n) return;
	int c = (int)(i % channels);
	long long at = i / channels, batch = at / w / h;
	Between v((int)(at / w % h), fromH, h), u((int)(at % w), fromW, w);
	auto get = [&](int r, int q) { return x[((batch * fromH + r) * fromW + q) * channels + c]; };
	float top = get(v.low, u.low) * (1 - u.f) + get(v.low, u.high) * u.f, bottom = get(v.high, u.low) * (1 - u.f) + get(v.high, u.high) * u.f;
	y[i] = top * (1 - v.f) + bottom * v.f;
}

// (x - mean) / √(variance + eps) · weight + bias, by channels: of dim. weight and bias may be null.
KERNEL batchnorm_f32(float *y, const float *x, const float *mean, const float *variance, const float *weight, const float *bias, double eps, int dim, long long n) {
	long long i = element();
	if (i >= n) return;
	int c = (int)(i % dim);
	double v = ((double)x[i] - mean[c]) / sqrt(variance[c] + eps);
	y[i] = (float)(weight ? v * weight[c] + bias[c] : v);
}

KERNEL batchnorm_grad_f32(float *dx, const float *dy, const float *variance, const float *weight, double eps, int dim, long long n) {
	long long i = element();
	if (i >= n) return;
	int c = (int)(i % dim);
	double v = dy[i] / sqrt(variance[c] + eps);
	dx[i] = (float)(weight ? v * weight[c] : v);
}

// y (out, dim) is w·diag(s), s = scale / √(variance + eps), or without scale, which may be null.
KERNEL fold_weight_f32(float *y, const float *w, const float *variance, const float *scale, double eps, int dim, long long n) {
	long long i = element();
	if (i >= n) return;
	int c = (int)(i % dim);
	double s = 1 / sqrt(variance[c] + eps);
	y[i] = (float)(w[i] * (scale ? s * scale[c] : s));
}

// y (out) is bias + w·(shift - mean·s). bias, scale and shift may be null. A thread has one row.
KERNEL fold_bias_f32(float *y, const float *w, const float *mean, const float *variance, const float *scale, const float *shift, const float *bias, double eps, int dim, int out) {
	int r = blockIdx.x * blockDim.x + threadIdx.x;
	if (r >= out) return;
	double sum = bias ? bias[r] : 0;
	for (int c = 0; c < dim; c++) {
		double s = 1 / sqrt(variance[c] + eps);
		if (scale) s *= scale[c];
		sum += w[(size_t)r * dim + c] * ((shift ? shift[c] : 0) - mean[c] * s);
	}
	y[r] = (float)sum;
}

// x · mask · factor. x has axes of d[0] (of which only the index matters), d1, d2 and d3, and the mask the strides m0 … m3.
KERNEL dropout_f32(float *y, const float *x, const float *mask, int d1, int d2, int d3, int m0, int m1, int m2, int m3, double factor, long long n) {
	long long i = element();
	if (i >= n) return;
	long long r = i / d3, q = r / d2;
	y[i] = (float)(x[i] * (mask[q / d1 * m0 + q % d1 * m1 + r % d2 * m2 + i % d3 * m3] * factor));
}

// Softmax weights of some tokens, rows (R), over all keys: y (B, heads, R, T) of qkv (B, T, 3·heads·hd). A block has one
// row of y.
KERNEL __launch_bounds__(128) attention_weights_f32(float *y, const float *qkv, const int *rows, int R, int T, int heads, int hd, float scale) {
	__shared__ float part[4];
	int head = blockIdx.y, ld = 3 * heads * hd, lane = threadIdx.x % 32, warp = threadIdx.x / 32;
	const float *base = qkv + (size_t)blockIdx.z * T * ld + head * hd, *q = base + (size_t)rows[blockIdx.x] * ld;
	float *to = y + (((size_t)blockIdx.z * heads + head) * R + blockIdx.x) * T, top = -INFINITE, sum = 0;
	for (int t = threadIdx.x; t < T; t += 128) {
		const float *k = base + (size_t)t * ld + heads * hd;
		float s = 0;
		for (int c = 0; c < hd; c++) s = fmaf(q[c], k[c], s);
		to[t] = s * scale;
		top = fmaxf(top, s * scale);
	}
	top = warpMax(top);
	if (lane == 0) part[warp] = top;
	__syncthreads();
	top = fmaxf(fmaxf(part[0], part[1]), fmaxf(part[2], part[3]));
	__syncthreads();
	for (int t = threadIdx.x; t < T; t += 128) {
		float e = expf(to[t] - top);
		to[t] = e;
		sum += e;
	}
	sum = warpSum(sum);
	if (lane == 0) part[warp] = sum;
	__syncthreads();
	sum = part[0] + part[1] + (part[2] + part[3]);
	for (int t = threadIdx.x; t < T; t += 128) to[t] /= sum;
}

// The mean of depths (K), weighted by relu(x) + 0.1, σ(x) or exp(x) of x (rows, K): kind 0, 1, 2. With one score it is
// relu(x) + depths[0]. A thread has one row.
KERNEL depth_f32(float *y, const float *x, const float *depths, int K, int kind, int rows) {
	int r = blockIdx.x * blockDim.x + threadIdx.x;
	if (r >= rows) return;
	x += (size_t)r * K;
	if (K == 1) {
		y[r] = (x[0] < 0 ? 0.f : x[0]) + depths[0];
		return;
	}
	float top = -INFINITE, sum = 0, lost = 0, moment = 0, lostMoment = 0;
	if (kind == 2)
		for (int i = 0; i < K; i++) top = fmaxf(top, x[i]);
	for (int i = 0; i < K; i++) {
		float w = kind == 0 ? (x[i] < 0 ? 0.f : x[i]) + 0.1f : kind == 1 ? 1 / (1 + expf(-x[i])) : expf(x[i] - top);
		add(sum, lost, w);
		add(moment, lostMoment, w * depths[i]);
	}
	y[r] = moment / sum;
}
