// Linear in float32, without tensor cores: y = residual + scale · gelu(x·wᵀ + bias). x (M, K), w (N, K),
// y and residual (M, N), bias and scale (N); those but x, w, y may be null. A block has 64×64 outputs,
// a thread 4×4 of them.
//
// Products are summed over 16 columns, and these sums are added with the error of the addition carried
// along (Kahan), so that the error hardly grows with K.
#include "gelu.cuh"

constexpr int BK = 16;

// Rows of a tile are columns of x or w. Of the upper 8, elements 2 apart are exchanged, so that the 32 words
// that a warp writes at once are in different banks.
struct Tile {
	float v[BK][68];
	DEVICE void put(int k, int r, float a) { v[k][r ^ (k >> 2 & 2)] = a; }
	DEVICE void get(int k, int r, float *to) {
		float4 a = *(float4 *)&v[k][r];
		bool swapped = k & 8;
		to[0] = swapped ? a.z : a.x, to[1] = swapped ? a.w : a.y, to[2] = swapped ? a.x : a.z, to[3] = swapped ? a.y : a.w;
	}
};

// add adds a to s, of which `lost` is what earlier additions have lost.
DEVICE void add(float &s, float &lost, float a) {
	float y = __fsub_rn(a, lost), t = __fadd_rn(s, y);
	lost = __fsub_rn(__fsub_rn(t, s), y);
	s = t;
}

KERNEL __launch_bounds__(256) linear_f32(float *y, const float *x, const float *w, const float *bias, const float *scale, const float *residual, int M, int N, int K, int useGELU) {
	__shared__ Tile xs, ws;
	int tx = threadIdx.x % 16, ty = threadIdx.x / 16, m0 = blockIdx.y * 64, n0 = blockIdx.x * 64;
	float sum[4][4] = {}, lost[4][4] = {};
	for (int k0 = 0; k0 < K; k0 += BK) {
#pragma unroll
		for (int i = 0; i < 4; i++) {
			int r = i * 16 + ty, k = k0 + tx;
			xs.put(tx, r, m0 + r < M && k < K ? x[(size_t)(m0 + r) * K + k] : 0.f);
			ws.put(tx, r, n0 + r < N && k < K ? w[(size_t)(n0 + r) * K + k] : 0.f);
		}
		__syncthreads();
		float chunk[4][4] = {};
#pragma unroll
		for (int k = 0; k < BK; k++) {
			float a[4], b[4];
			xs.get(k, ty * 4, a);
			ws.get(k, tx * 4, b);
#pragma unroll
			for (int i = 0; i < 4; i++)
#pragma unroll
				for (int j = 0; j < 4; j++) chunk[i][j] = fmaf(a[i], b[j], chunk[i][j]);
		}
#pragma unroll
		for (int i = 0; i < 4; i++)
#pragma unroll
			for (int j = 0; j < 4; j++) add(sum[i][j], lost[i][j], chunk[i][j]);
		__syncthreads();
	}
#pragma unroll
	for (int i = 0; i < 4; i++)
#pragma unroll
		for (int j = 0; j < 4; j++) {
			int m = m0 + ty * 4 + i, n = n0 + tx * 4 + j;
			if (m >= M || n >= N) continue;
			float v = sum[i][j];
			if (bias) v += bias[n];
			if (useGELU) v = gelu(v);
			if (scale) v *= scale[n];
			if (residual) v += residual[(size_t)m * N + n];
			y[(size_t)m * N + n] = v;
		}
}
