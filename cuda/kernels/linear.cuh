// Linear by matrix instructions: y = residual + scale · gelu(x·wᵀ + bias). x (M, K) and w (N, K) are in rows of ldx and ldw
// elements, multiples of 16 bytes. bias, scale (N) and residual (M, N) are float32, or null. y is float32 in rows of N, or
// bfloat16 in rows of ldy, a multiple of 8, and then without a residual. Sums are in float32. N of the large tile in float32
// must be even.
#pragma once
#include "gelu.cuh"
#include "mma.cuh"

constexpr int CHUNKS = 4; // of 16 bytes, of a row of x or w that a tile has
constexpr int STAGES = 3; // tiles in shared memory

// A tile of BM×BN outputs by (BM/WM)·(BN/32) warps, of WM×32 each, of operands of type T: bfloat16, or float32 for TF32.
template <int BM, int BN, int WM, bool BF16, bool VECTORS, class T> DEVICE void linear(void *y, const T *x, const T *w, const float *bias, const float *scale, const float *residual, int M, int N, int K, int ldx, int ldw, int ldy, bool useGELU) {
	constexpr int THREADS = BM / WM * BN, MI = WM / 16, CHUNK = 16 / sizeof(T), BK = CHUNKS * CHUNK;
	extern __shared__ __align__(16) unsigned char memory[];
	T *xs = (T *)memory, *ws = xs + STAGES * BM * BK;
	int lane = threadIdx.x % 32, warp = threadIdx.x / 32, wm = warp / (BN / 32) * WM, wn = warp % (BN / 32) * 32;
	int m0 = blockIdx.y * BM, n0 = blockIdx.x * BN;

	auto load = [&](int step) {
		int stage = step % STAGES, k0 = step * BK;
#pragma unroll
		for (int j = 0; j < BM * CHUNKS / THREADS; j++) {
			int i = j * THREADS + threadIdx.x, r = i / CHUNKS, k = k0 + i % CHUNKS * CHUNK, m = m0 + r;
			copy16(xs + stage * BM * BK + place<T, BK>(r, i % CHUNKS), m < M && k < K ? x + (size_t)m * ldx + k : x, m < M ? inside<T>(k, K) : 0);
		}
#pragma unroll
		for (int j = 0; j < BN * CHUNKS / THREADS; j++) {
			int i = j * THREADS + threadIdx.x, r = i / CHUNKS, k = k0 + i % CHUNKS * CHUNK, n = n0 + r;
			copy16(ws + stage * BN * BK + place<T, BK>(r, i % CHUNKS), n < N && k < K ? w + (size_t)n * ldw + k : w, n < N ? inside<T>(k, K) : 0);
		}
	};

	float acc[MI][4][4] = {};
	int steps = (K + BK - 1) / BK;
	for (int s = 0; s < STAGES - 1; s++) {
		if (s < steps) load(s);
		commit();
	}
	for (int s = 0; s < steps; s++) {
		wait<STAGES - 2>();
		__syncthreads();
		if (s + STAGES - 1 < steps) load(s + STAGES - 1);
		commit();
		T *xt = xs + s % STAGES * BM * BK, *wt = ws + s % STAGES * BN * BK;
#pragma unroll
		for (int k = 0; k < CHUNKS; k += 2) {
			u32 a[MI][4], b[2][4];
#pragma unroll
			for (int i = 0; i < MI; i++) loadOperand<T>(a[i], xt + place<T, BK>(wm + i * 16 + lane % 16, k + lane / 16));
#pragma unroll
			for (int j = 0; j < 2; j++) loadOperand<T>(b[j], wt + place<T, BK>(wn + j * 16 + lane % 8 + lane / 16 * 8, k + lane / 8 % 2));
#pragma unroll
			for (int i = 0; i < MI; i++)
#pragma unroll
				for (int j = 0; j < 4; j++) mma<T>(acc[i][j], a[i], b[j / 2] + j % 2 * 2);
		}
	}

	// A lane has columns c and c + 1 of each of 4 groups of 8, in rows r and r + 8.
	int c0 = n0 + wn + lane % 4 * 2;
#pragma unroll
	for (int j = 0; j < 4; j++)
#pragma unroll
		for (int e = 0; e < 2; e++) {
			int c = c0 + j * 8 + e;
			float b = bias && c < N ? bias[c] : 0.f, f = scale && c < N ? scale[c] : 1.f;
#pragma unroll
			for (int i = 0; i < MI; i++)
#pragma unroll
				for (int h = 0; h < 2; h++) {
					float &v = acc[i][j][2 * h + e];
					v += b;
					if (useGELU) v = geluFast(v);
					v *= f;
				}
		}
#pragma unroll
	for (int i = 0; i < MI; i++)
#pragma unroll
		for (int h = 0; h < 2; h++) {
			int r = m0 + wm + i * 16 + lane / 4 + h * 8;
			if (BF16) {
				u32 v[4];
#pragma unroll
				for (int j = 0; j < 4; j++) v[j] = toBF16x2(acc[i][j][2 * h], acc[i][j][2 * h + 1]);
				transpose(v); // now a lane has 8 columns of one group
				int c = n0 + wn + lane % 4 * 8;
				if (r < M && c < N) put((bf16 *)y + (size_t)r * ldy + c, v);
				continue;
			}
			if (r >= M) continue;
			const float *add = residual + (size_t)r * N;
			float *to = (float *)y + (size_t)r * N;
#pragma unroll
			for (int j = 0; j < 4; j++) {
				int c = c0 + j * 8;
				float a = acc[i][j][2 * h], b = acc[i][j][2 * h + 1];
				if (VECTORS) {
					if (c >= N) continue;
					float2 z = residual ? *(const float2 *)(add + c) : make_float2(0, 0);
					put(to + c, z.x + a, z.y + b);
				} else {
					if (c < N) to[c] = (residual ? add[c] : 0.f) + a;
					if (c + 1 < N) to[c + 1] = (residual ? add[c + 1] : 0.f) + b;
				}
			}
		}
}
