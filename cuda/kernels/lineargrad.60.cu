// Derivatives of Linear, in float32: products whose second matrix is b (K, N).
#include "product.cuh"

DEVICE void store(float *c, float (&sum)[4][4], int M, int N) {
#pragma unroll
	for (int i = 0; i < 4; i++)
#pragma unroll
		for (int j = 0; j < 4; j++) {
			int m = blockIdx.y * BLOCK + threadIdx.x / 16 * 4 + i, n = blockIdx.x * BLOCK + threadIdx.x % 16 * 4 + j;
			if (m < M && n < N) c[(size_t)m * N + n] = sum[i][j];
		}
}

// c = a·b, with a (M, K): of the input, dy·w.
KERNEL __launch_bounds__(256) product_f32(float *c, const float *a, const float *b, int M, int N, int K) {
	float sum[4][4] = {};
	product<false, true>(sum, a, b, M, N, K);
	store(c, sum, M, N);
}

// c = aᵀ·b, with a (K, M): of the weight, dyᵀ·x.
KERNEL __launch_bounds__(256) product_transposed_f32(float *c, const float *a, const float *b, int M, int N, int K) {
	float sum[4][4] = {};
	product<true, true>(sum, a, b, M, N, K);
	store(c, sum, M, N);
}
