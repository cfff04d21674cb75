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

// x (rows, columns) transposed, in rows of ldy elements, for matrix instructions: in bfloat16, or as it is. A block has 32×32.
DEVICE void store(bf16 *to, float v) { *to = (bf16)toBF16(v); }
DEVICE void store(float *to, float v) { *to = v; }
template <class T> DEVICE void transpose(T *y, const float *x, int rows, int columns, int ldy) {
	__shared__ float tile[32][33];
	int lane = threadIdx.x % 32, row = blockIdx.y * 32, column = blockIdx.x * 32;
#pragma unroll
	for (int i = threadIdx.x / 32; i < 32; i += 8)
		if (row + i < rows && column + lane < columns) tile[i][lane] = x[(size_t)(row + i) * columns + column + lane];
	__syncthreads();
#pragma unroll
	for (int i = threadIdx.x / 32; i < 32; i += 8)
		if (row + lane < rows && column + i < columns) store(y + (size_t)(column + i) * ldy + row + lane, tile[lane][i]);
}
KERNEL __launch_bounds__(256) transpose_bf16(bf16 *y, const float *x, int rows, int columns, int ldy) { transpose(y, x, rows, columns, ldy); }
KERNEL __launch_bounds__(256) transpose_strided_f32(float *y, const float *x, int rows, int columns, int ldy) { transpose(y, x, rows, columns, ldy); }
