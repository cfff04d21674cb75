// Products of matrices in float32, without tensor cores: a block has 64×64 sums, each of its 256 threads 4×4
// of them.
//
// Products are summed over 16 columns, and these sums are added with the error of the addition carried along
// (Kahan), so that the error hardly grows with the depth.
#pragma once
#include "common.cuh"

constexpr int BK = 16, BLOCK = 64;

// Rows of a tile are columns of a matrix, in the direction of the sums. Of the upper 8, elements 2 apart are
// exchanged, so that the 32 words that a warp writes at once are in different banks.
struct Tile {
	float v[BK][68];
	DEVICE void put(int k, int r, float a) { v[k][r ^ (k >> 2 & 2)] = a; }
	DEVICE void get(int k, int r, float *to) {
		float4 a = *(float4 *)&v[k][r];
		bool swapped = k & 8;
		to[0] = swapped ? a.z : a.x, to[1] = swapped ? a.w : a.y, to[2] = swapped ? a.x : a.z, to[3] = swapped ? a.y : a.w;
	}
};

// fill copies 64 rows from r0 on, and 16 columns from k0 on, of a matrix of R rows and K columns, zeros beyond
// it. Rows are contiguous, or, transposed, columns are: lanes go that way.
template <bool TRANSPOSED> DEVICE void fill(Tile &to, const float *from, int r0, int k0, int R, int K) {
#pragma unroll
	for (int i = 0; i < 4; i++) {
		int e = i * 256 + threadIdx.x, r = TRANSPOSED ? e % BLOCK : e / BK, k = TRANSPOSED ? e / BLOCK : e % BK;
		bool is = r0 + r < R && k0 + k < K;
		to.put(k, r, is ? from[TRANSPOSED ? (size_t)(k0 + k) * R + r0 + r : (size_t)(r0 + r) * K + k0 + k] : 0.f);
	}
}

// add adds a to s, of which `lost` is what earlier additions have lost.
DEVICE void add(float &s, float &lost, float a) {
	float y = __fsub_rn(a, lost), t = __fadd_rn(s, y);
	lost = __fsub_rn(__fsub_rn(t, s), y);
	s = t;
}

// product is a·bᵀ of a (M, K) and b (N, K), or of their transposed ones: the sums of rows 4·(thread/16) and
// columns 4·(thread%16) on of the block.
template <bool TA, bool TB> DEVICE void product(float (&sum)[4][4], const float *a, const float *b, int M, int N, int K) {
	__shared__ Tile as, bs;
	int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
	float lost[4][4] = {};
	for (int k0 = 0; k0 < K; k0 += BK) {
		fill<TA>(as, a, blockIdx.y * BLOCK, k0, M, K);
		fill<TB>(bs, b, blockIdx.x * BLOCK, k0, N, K);
		__syncthreads();
		float chunk[4][4] = {};
#pragma unroll
		for (int k = 0; k < BK; k++) {
			float p[4], q[4];
			as.get(k, ty * 4, p);
			bs.get(k, tx * 4, q);
#pragma unroll
			for (int i = 0; i < 4; i++)
#pragma unroll
				for (int j = 0; j < 4; j++) chunk[i][j] = fmaf(p[i], q[j], chunk[i][j]);
		}
#pragma unroll
		for (int i = 0; i < 4; i++)
#pragma unroll
			for (int j = 0; j < 4; j++) add(sum[i][j], lost[i][j], chunk[i][j]);
		__syncthreads();
	}
}
