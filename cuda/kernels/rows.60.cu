// Operations that move rows and elements, in float32.
#include "common.cuh"

// Row i of y, in each batch entry, is row index[i] of x. A block has one row.
KERNEL __launch_bounds__(128) gather_f32(float *y, const float *x, const int *index, int outRows, int inRows, int dim) {
	const float *from = x + ((size_t)blockIdx.y * inRows + index[blockIdx.x]) * dim;
	float *to = y + ((size_t)blockIdx.y * outRows + blockIdx.x) * dim;
	for (int i = threadIdx.x; i < dim; i += 128) to[i] = from[i];
}

// y (B, first + second, dim) has the rows of a (B, first, dim), then those of b (B, second, dim) plus those of
// table (second, dim). a may be the same for each entry of the batch; table may be null. A block has one row.
KERNEL __launch_bounds__(128) concat_f32(float *y, const float *a, const float *b, const float *table, int first, int second, int dim, int same) {
	int row = blockIdx.x, batch = blockIdx.y;
	float *to = y + ((size_t)batch * (first + second) + row) * dim;
	if (row < first) {
		const float *from = a + ((size_t)(same ? 0 : batch) * first + row) * dim;
		for (int i = threadIdx.x; i < dim; i += 128) to[i] = from[i];
		return;
	}
	row -= first;
	const float *from = b + ((size_t)batch * second + row) * dim;
	for (int i = threadIdx.x; i < dim; i += 128) to[i] = table ? from[i] + table[(size_t)row * dim + i] : from[i];
}

// transpose_f32 is y (B, columns, rows) of x (B, rows, columns), by squares of 32. Blocks are 32×8.
KERNEL __launch_bounds__(256) transpose_f32(float *y, const float *x, int rows, int columns) {
	__shared__ float tile[32][33];
	size_t base = (size_t)blockIdx.z * rows * columns;
	int r0 = blockIdx.y * 32, c0 = blockIdx.x * 32;
	for (int j = threadIdx.y; j < 32; j += 8)
		if (r0 + j < rows && c0 + threadIdx.x < columns) tile[j][threadIdx.x] = x[base + (size_t)(r0 + j) * columns + c0 + threadIdx.x];
	__syncthreads();
	for (int j = threadIdx.y; j < 32; j += 8)
		if (c0 + j < columns && r0 + threadIdx.x < rows) y[base + (size_t)(c0 + j) * rows + r0 + threadIdx.x] = tile[threadIdx.x][j];
}
