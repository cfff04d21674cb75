// Linear in float32, without tensor cores: y = residual + scale · gelu(x·wᵀ + bias). x (M, K), w (N, K),
// y and residual (M, N), bias and scale (N); those but x, w, y may be null.
#include "gelu.cuh"
#include "product.cuh"

KERNEL __launch_bounds__(256) linear_f32(float *y, const float *x, const float *w, const float *bias, const float *scale, const float *residual, int M, int N, int K, int useGELU) {
	float sum[4][4] = {};
	product<false, false>(sum, x, w, M, N, K);
#pragma unroll
	for (int i = 0; i < 4; i++)
#pragma unroll
		for (int j = 0; j < 4; j++) {
			int m = blockIdx.y * BLOCK + threadIdx.x / 16 * 4 + i, n = blockIdx.x * BLOCK + threadIdx.x % 16 * 4 + j;
			if (m >= M || n >= N) continue;
			float v = sum[i][j];
			if (bias) v += bias[n];
			if (useGELU) v = gelu(v);
			if (scale) v *= scale[n];
			if (residual) v += residual[(size_t)m * N + n];
			y[(size_t)m * N + n] = v;
		}
}
