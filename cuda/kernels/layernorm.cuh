// LayerNorm of float32 rows: y = gain · ((x - mean) / sqrt(variance + eps) · weight + bias), in
// float32 or bfloat16. ldy is the distance of the rows of y, in elements.
#pragma once
#include "common.cuh"

// Row stores elements of a row of y.
struct RowF32 {
	float *y;
	DEVICE void one(int i, float a) { y[i] = a; }
	DEVICE void four(int i, float4 a) { put(y + i, a); }
};
struct RowBF16 {
	bf16 *y;
	DEVICE void one(int i, float a) { y[i] = (bf16)toBF16(a); }
	DEVICE void four(int i, float4 a) { put(y + i, toBF16x2(a.x, a.y), toBF16x2(a.z, a.w)); }
};

DEVICE float affine(float x, float r, float w, float b, float gain) { return x * r * (w * gain) + b * gain; }

// One warp a row, whose 128·N elements stay in registers. Blocks have 4 warps.
template <int N, class Row, class T> DEVICE void inRegisters(T *y, const float *x, const float *weight, const float *bias, int rows, int ldy, float eps, float gain) {
	int row = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
	if (row >= rows) return;
	const float4 *from = (const float4 *)(x + (size_t)row * (N * 128));
	float4 v[N];
	float s = 0, c = 0, q = 0;
#pragma unroll
	for (int i = 0; i < N; i++) {
		v[i] = from[i * 32 + lane];
		s += (v[i].x + v[i].y) + (v[i].z + v[i].w);
	}
	float mean = warpSum(s) * (1.f / (N * 128));
#pragma unroll
	for (int i = 0; i < N; i++) {
		v[i].x -= mean, v[i].y -= mean, v[i].z -= mean, v[i].w -= mean;
		c += (v[i].x + v[i].y) + (v[i].z + v[i].w);
	}
	c = warpSum(c) * (1.f / (N * 128)); // what rounding has taken from the mean
#pragma unroll
	for (int i = 0; i < N; i++) {
		v[i].x -= c, v[i].y -= c, v[i].z -= c, v[i].w -= c;
		q += (v[i].x * v[i].x + v[i].y * v[i].y) + (v[i].z * v[i].z + v[i].w * v[i].w);
	}
	float r = 1.f / sqrtf(warpSum(q) * (1.f / (N * 128)) + eps);
	Row to = {y + (size_t)row * ldy};
#pragma unroll
	for (int i = 0; i < N; i++) {
		float4 w = ((const float4 *)weight)[i * 32 + lane], b = ((const float4 *)bias)[i * 32 + lane];
		to.four((i * 32 + lane) * 4, make_float4(affine(v[i].x, r, w.x, b.x, gain), affine(v[i].y, r, w.y, b.y, gain), affine(v[i].z, r, w.z, b.z, gain), affine(v[i].w, r, w.w, b.w, gain)));
	}
}

// blockSum adds up over a block of 8 warps; sums is for this sum alone.
DEVICE float blockSum(float v, float *sums) {
	v = warpSum(v);
	if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = v;
	__syncthreads();
	v = 0;
#pragma unroll
	for (int i = 0; i < 8; i++) v += sums[i];
	return v;
}

// One block a row of any width.
template <class Row, class T> DEVICE void anyWidth(T *y, const float *x, const float *weight, const float *bias, int dim, int ldy, float eps, float gain) {
	__shared__ float sums[3][8];
	x += (size_t)blockIdx.x * dim;
	float s = 0, c = 0, q = 0;
	for (int i = threadIdx.x; i < dim; i += 256) s += x[i];
	float mean = blockSum(s, sums[0]) / dim;
	for (int i = threadIdx.x; i < dim; i += 256) c += x[i] - mean;
	c = blockSum(c, sums[1]) / dim; // what rounding has taken from the mean
	for (int i = threadIdx.x; i < dim; i += 256) {
		float v = (x[i] - mean) - c;
		q += v * v;
	}
	float r = 1.f / sqrtf(blockSum(q, sums[2]) / dim + eps);
	Row to = {y + (size_t)blockIdx.x * ldy};
	for (int i = threadIdx.x; i < dim; i += 256) to.one(i, affine((x[i] - mean) - c, r, weight[i], bias[i], gain));
}
