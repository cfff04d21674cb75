// Derivatives of what heads and text towers have. n is the number of elements of the result.
#include "between.cuh"
#include "double.cuh"

DEVICE long long element() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }

// Of x·σ(u), u = slope·x + cubic·x³: dy·(σ + x·σ·(1 - σ)·u').
KERNEL sigmoid_gelu_grad_f32(float *dx, const float *x, const float *dy, double slope, double cubic, long long n) {
	long long i = element();
	if (i >= n) return;
	double v = x[i], u = slope * v + (cubic != 0 ? cubic * v * v * v : 0), s = 1 / (1 + exp64(-u));
	double grown = slope + (cubic != 0 ? 3 * cubic * v * v : 0), away = s * (1 - s);
	dx[i] = (float)(dy[i] * (s + (away != 0 ? v * away * grown : 0)));
}

// Row r of dtable is the sum of the rows i of dy (N, dim) with ids[i] = r, in their order. A block has one row.
KERNEL __launch_bounds__(128) lookup_grad_f32(float *dtable, const float *dy, const float *ids, int N, int dim) {
#pragma unroll 1
	for (int c = threadIdx.x; c < dim; c += 128) {
		float s = 0;
#pragma unroll 1
		for (int i = 0; i < N; i++)
			if (ids[i] == blockIdx.x) s += dy[(size_t)i * dim + c];
		dtable[(size_t)blockIdx.x * dim + c] = s;
	}
}

// Of resize_f32: dx (B, fromH·fromW, channels) from dy (B, h·w, channels). A block has a row of dx.
KERNEL __launch_bounds__(128) resize_grad_f32(float *dx, const float *dy, int fromH, int fromW, int h, int w, int channels) {
	double ratioH = (double)fromH / h, ratioW = (double)fromW / w;
	int row = blockIdx.x / fromW, column = blockIdx.x % fromW;
	int y0 = first(row, fromH, h), y1 = last(row, fromH, h), x0 = first(column, fromW, w), x1 = last(column, fromW, w);
#pragma unroll 1
	for (int c = threadIdx.x; c < channels; c += 128) {
		double s = 0;
#pragma unroll 1
		for (int i = y0; i < y1; i++) {
			double f = Between(i, fromH, ratioH).share(row);
			if (f == 0) continue;
#pragma unroll 1
			for (int j = x0; j < x1; j++) {
				double g = f * Between(j, fromW, ratioW).share(column);
				if (g != 0) s += g * dy[(((size_t)blockIdx.y * h + i) * w + j) * channels + c];
			}
		}
		dx[((size_t)blockIdx.y * gridDim.x + blockIdx.x) * channels + c] = (float)s;
	}
}

// Of depth_f32: dy·w'(x)·(depth - y) / Σw, with y = Σ w·depth / Σ w. A thread has one row.
KERNEL depth_grad_f32(float *dx, const float *x, const float *dy, const float *depths, int K, int kind, int rows) {
	int r = blockIdx.x * blockDim.x + threadIdx.x;
	if (r >= rows) return;
	x += (size_t)r * K, dx += (size_t)r * K;
	if (K == 1) {
		dx[0] = x[0] <= 0 ? 0.f : dy[r];
		return;
	}
	double top = kind == 2 ? -INFINITE64 : 0., sum = 0, moment = 0;
	if (kind == 2)
		for (int i = 0; i < K; i++) top = fmax(top, (double)x[i]);
#pragma unroll 1
	for (int pass = 0; pass < 2; pass++)
#pragma unroll 1
		for (int i = 0; i < K; i++) {
			double v = x[i], e = kind == 0 ? 0 : exp64(kind == 1 ? -v : v - top), w = e, slope = e;
			if (kind == 0) w = (v > 0 ? v : v != v ? v : 0) + 0.1, slope = v > 0 ? 1 : 0;
			if (kind == 1) w = 1 / (1 + e), slope = e > 1 ? w * (1 - w) : w * e * w;
			if (pass)
				dx[i] = (float)(dy[r] * slope * (depths[i] - moment / sum) / sum);
			else
				sum += w, moment += w * depths[i];
		}
}
