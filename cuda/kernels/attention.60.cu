// Attention in float32, without tensor cores: softmax(q·kᵀ·scale)·v for each head, of hd columns, at most 128.
//
// q is (B, Q, ldq), of which the head's columns count, or the same for each entry of the batch, with qBatch elements from
// one to the next. kv is (B, T, ldkv): keys begin at column k0, values at v0. y is (B, Q, heads·hd). With causal, a query
// meets keys up to its own place.
//
// A block has 32 queries of one head, a warp 8 of them. Keys and values come in tiles of 32, one after the
// other in the same memory. For scores, a lane is a key; for outputs, it has every 32nd column.
#include "common.cuh"

constexpr int QUERIES = 32, KEYS = 32, OWN = 8, MOST_HD = 128;

KERNEL __launch_bounds__(128) attention_f32(float *y, const float *q0, const float *kv0, long long qBatch, int ldq, int ldkv, int k0, int v0, int Q, int T, int heads, int hd, int causal, float scale) {
	__shared__ float q[QUERIES][MOST_HD], kv[KEYS][MOST_HD + 1], p[QUERIES][KEYS];
	int lane = threadIdx.x % 32, warp = threadIdx.x / 32, head = blockIdx.y, first = blockIdx.x * QUERIES;
	const float *queries = q0 + blockIdx.z * qBatch + head * hd, *base = kv0 + (size_t)blockIdx.z * T * ldkv + head * hd;
	for (int i = threadIdx.x; i < QUERIES * hd; i += 128) {
		int r = i / hd, c = i % hd;
		q[r][c] = first + r < Q ? queries[(size_t)(first + r) * ldq + c] : 0.f;
	}
	auto tile = [&](int column, int row) {
		for (int i = threadIdx.x; i < KEYS * hd; i += 128) {
			int r = i / hd, c = i % hd;
			kv[r][c] = row + r < T ? base[(size_t)(row + r) * ldkv + column + c] : 0.f;
		}
	};

	float o[OWN][MOST_HD / 32] = {}, top[OWN], sum[OWN] = {};
#pragma unroll
	for (int i = 0; i < OWN; i++) top[i] = -MOST;
	int end = causal ? min(T, first + QUERIES) : T;
	for (int at = 0; at < end; at += KEYS) {
		__syncthreads(); // the values of the tile before have been read
		tile(k0, at);
		__syncthreads();
		float s[OWN] = {};
		for (int c = 0; c < hd; c++) {
			float k = kv[lane][c];
#pragma unroll
			for (int i = 0; i < OWN; i++) s[i] = fmaf(q[warp * OWN + i][c], k, s[i]);
		}
#pragma unroll
		for (int i = 0; i < OWN; i++) {
			bool meets = at + lane < T && (!causal || at + lane <= first + warp * OWN + i);
			s[i] = meets ? s[i] * scale : -INFINITE;
			float most = fmaxf(top[i], warpMax(s[i])), f = expf(top[i] - most);
			top[i] = most;
			s[i] = expf(s[i] - most);
			sum[i] = sum[i] * f + s[i];
			p[warp * OWN + i][lane] = s[i];
#pragma unroll
			for (int d = 0; d < MOST_HD / 32; d++) o[i][d] *= f;
		}
		__syncthreads(); // all warps have read the keys
		tile(v0, at);
		__syncthreads();
		int keys = min(KEYS, T - at);
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
		if (r >= Q) continue;
		float *to = y + ((size_t)blockIdx.z * Q + r) * (heads * hd) + head * hd;
#pragma unroll
		for (int d = 0; d < MOST_HD / 32; d++)
			if (d * 32 + lane < hd) to[d * 32 + lane] = o[i][d] / all;
	}
}
