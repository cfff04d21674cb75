// Attention in float32, without tensor cores: softmax(q·kᵀ·scale)·v for each head. qkv (B, T, 3·heads·hd),
// y (B, T, heads·hd), hd at most 128.
//
// A block has 32 queries of one head, a warp 8 of them. Keys and values come in tiles of 32, one after the
// other in the same memory. For scores, a lane is a key; for outputs, it has every 32nd column.
#include "common.cuh"

constexpr int QUERIES = 32, KEYS = 32, OWN = 8, MOST_HD = 128;

KERNEL __launch_bounds__(128) attention_f32(float *y, const float *qkv, int T, int heads, int hd, float scale) {
	__shared__ float q[QUERIES][MOST_HD], kv[KEYS][MOST_HD + 1], p[QUERIES][KEYS];
	int lane = threadIdx.x % 32, warp = threadIdx.x / 32, head = blockIdx.y, first = blockIdx.x * QUERIES;
	int ld = 3 * heads * hd;
	const float *base = qkv + (size_t)blockIdx.z * T * ld + head * hd;
	for (int i = threadIdx.x; i < QUERIES * hd; i += 128) {
		int r = i / hd, c = i % hd;
		q[r][c] = first + r < T ? base[(size_t)(first + r) * ld + c] : 0.f;
	}
	auto tile = [&](int which, int row) {
		for (int i = threadIdx.x; i < KEYS * hd; i += 128) {
			int r = i / hd, c = i % hd;
			kv[r][c] = row + r < T ? base[(size_t)(row + r) * ld + which * heads * hd + c] : 0.f;
		}
	};

	float o[OWN][MOST_HD / 32] = {}, top[OWN], sum[OWN] = {};
#pragma unroll
	for (int i = 0; i < OWN; i++) top[i] = -MOST;
	for (int k0 = 0; k0 < T; k0 += KEYS) {
		__syncthreads(); // the values of the tile before have been read
		tile(1, k0);
		__syncthreads();
		float s[OWN] = {};
		for (int c = 0; c < hd; c++) {
			float k = kv[lane][c];
#pragma unroll
			for (int i = 0; i < OWN; i++) s[i] = fmaf(q[warp * OWN + i][c], k, s[i]);
		}
#pragma unroll
		for (int i = 0; i < OWN; i++) {
			s[i] = k0 + lane < T ? s[i] * scale : -INFINITE;
			float most = fmaxf(top[i], warpMax(s[i])), f = expf(top[i] - most);
			top[i] = most;
			s[i] = expf(s[i] - most);
			sum[i] = sum[i] * f + s[i];
			p[warp * OWN + i][lane] = s[i];
#pragma unroll
			for (int d = 0; d < MOST_HD / 32; d++) o[i][d] *= f;
		}
		__syncthreads(); // all warps have read the keys
		tile(2, k0);
		__syncthreads();
		int keys = min(KEYS, T - k0);
		for (int j = 0; j < keys; j++)
#pragma unroll
			for (int d = 0; d < MOST_HD / 32; d++) {
				if (d * 32 + lane >= hd) break;
				float v = kv[j][d * 32 + lane];
#pragma unroll
				for (int i = 0; i < OWN; i++) o[i][d] = fmaf(p[warp * OWN + i][j], v, o[i][d]);
			}
	}
#pragma unroll
	for (int i = 0; i < OWN; i++) {
		float all = warpSum(sum[i]);
		int r = first + warp * OWN + i;
		if (r >= T) continue;
		float *to = y + ((size_t)blockIdx.z * T + r) * (heads * hd) + head * hd;
#pragma unroll
		for (int d = 0; d < MOST_HD / 32; d++)
			if (d * 32 + lane < hd) to[d * 32 + lane] = o[i][d] / all;
	}
}
