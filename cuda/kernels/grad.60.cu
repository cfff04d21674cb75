// Derivatives of norms, activations and rows, in float32.
#include "product.cuh"

DEVICE long long element() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }

// dx = dy · (Φ(x) + x·φ(x)), where φ is the density of the normal distribution.
KERNEL gelu_grad_f32(float *dx, const float *x, const float *dy, long long n) {
	long long i = element();
	if (i >= n) return;
	float v = x[i];
	dx[i] = dy[i] * (0.5f * erfcf(-0.70710678118654752f * v) + v * 0.3989422804014327f * expf(-0.5f * v * v));
}

KERNEL relu_grad_f32(float *dx, const float *x, const float *dy, long long n) {
	long long i = element();
	if (i < n) dx[i] = x[i] > 0 ? dy[i] : 0.f;
}

// dx = dy / std, for each of the channels of dy (B, channels, plane).
KERNEL normalize_grad_f32(float *dx, const float *dy, const float *std, int channels, int plane, long long n) {
	long long i = element();
	if (i < n) dx[i] = dy[i] / std[i / plane % channels];
}

// normalised is x less the mean of its row, divided by the deviation.
DEVICE float normalised(float x, const float *statistics) { return ((x - statistics[0]) - statistics[1]) * statistics[2]; }

// y (dim) is the sum over the rows of x (rows, dim): alone, times z (rows, dim), or, where there are statistics
// (rows, 3) of the rows of z, times z normalised. A block has 32 columns, by 8 threads each.
KERNEL __launch_bounds__(256) sum_rows_f32(float *y, const float *x, const float *z, const float *statistics, int rows, int dim) {
	__shared__ float sums[8][33];
	int lane = threadIdx.x % 32, own = threadIdx.x / 32, c = blockIdx.x * 32 + lane;
	float s = 0, lost = 0;
	if (c < dim)
		for (int r = own; r < rows; r += 8) {
			size_t at = (size_t)r * dim + c;
			float v = x[at];
			if (statistics)
				v *= normalised(z[at], statistics + 3 * r);
			else if (z)
				v *= z[at];
			add(s, lost, v);
		}
	sums[own][lane] = s;
	__syncthreads();
	if (own || c >= dim) return;
	lost = 0;
#pragma unroll
	for (int i = 1; i < 8; i++) add(s, lost, sums[i][lane]);
	y[c] = s;
}

// Row sums over a block of 8 warps; sums is for this sum alone.
DEVICE float blockSum(float v, float *sums) {
	v = warpSum(v);
	if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = v;
	__syncthreads();
	v = 0;
#pragma unroll
	for (int i = 0; i < 8; i++) v += sums[i];
	return v;
}

// statistics (rows, 3) of each row of x: the mean, what rounding has taken from it, and
// 1/sqrt(variance + eps). A block has one row.
KERNEL __launch_bounds__(256) row_statistics_f32(float *statistics, const float *x, int dim, float eps) {
	__shared__ float sums[3][8];
	x += (size_t)blockIdx.x * dim;
	float s = 0, c = 0, q = 0;
	for (int i = threadIdx.x; i < dim; i += 256) s += x[i];
	float mean = blockSum(s, sums[0]) / dim;
	for (int i = threadIdx.x; i < dim; i += 256) c += x[i] - mean;
	c = blockSum(c, sums[1]) / dim;
	for (int i = threadIdx.x; i < dim; i += 256) {
		float v = (x[i] - mean) - c;
		q += v * v;
	}
	float r = 1.f / sqrtf(blockSum(q, sums[2]) / dim + eps);
	statistics += 3 * blockIdx.x;
	if (threadIdx.x == 0) statistics[0] = mean, statistics[1] = c, statistics[2] = r;
}

// Of LayerNorm towards x: with n = x normalised and g = dy·weight, (g - mean(g) - n·mean(g·n)) / deviation.
KERNEL __launch_bounds__(256) layernorm_grad_f32(float *dx, const float *x, const float *weight, const float *dy, const float *statistics, int dim) {
	__shared__ float sums[2][8];
	size_t row = (size_t)blockIdx.x * dim;
	statistics += 3 * blockIdx.x;
	float g = 0, gn = 0;
	for (int i = threadIdx.x; i < dim; i += 256) {
		float d = dy[row + i] * weight[i];
		g += d;
		gn += d * normalised(x[row + i], statistics);
	}
	g = blockSum(g, sums[0]) / dim;
	gn = blockSum(gn, sums[1]) / dim;
	for (int i = threadIdx.x; i < dim; i += 256) dx[row + i] = statistics[2] * ((dy[row + i] * weight[i] - g) - normalised(x[row + i], statistics) * gn);
}

// dx, row j of which is the sum of the rows i of dy with index[i] = j, in each batch entry; dim columns. A block
// has one row of dx.
KERNEL __launch_bounds__(128) scatter_f32(float *dx, const float *dy, const int *index, int outRows, int inRows, int dim) {
	float *to = dx + ((size_t)blockIdx.y * inRows + blockIdx.x) * dim;
	const float *from = dy + (size_t)blockIdx.y * outRows * dim;
	for (int c = threadIdx.x; c < dim; c += 128) {
		float s = 0;
		for (int i = 0; i < outRows; i++)
			if (index[i] == blockIdx.x) s += from[(size_t)i * dim + c];
		to[c] = s;
	}
}
