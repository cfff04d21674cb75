// Attention on packed queries, keys and values in float32, of which products read 11 bits (TF32): softmax(q·kᵀ·scale)·v for
// each head. qkv is (B, T, 3·heads·hd), y (B, T, heads·hd). hd is a multiple of 4, at most HD. scaleLog2 is scale·log2(e).
//
// As attention.80.cu, but keys and values come in tiles of 32.
#include "mma.cuh"

constexpr int QUERIES = 64, KEYS = 32;

// key is which of 8 keys column c of the scores is. A lane has columns 2q and 2q + 1, which its product with the values takes
// as elements q and q + 4: their order means nothing there. In this one, the values that a warp reads at once lie in
// different banks.
DEVICE int key(int c) { return c ^ (c >> 1 & 1); }

template <int HD> DEVICE void attention(float *y, const float *qkv, int T, int heads, int hd, float scaleLog2) {
	constexpr int STEPS = HD / 8, KEPT = HD <= 80 ? STEPS : 1; // of the queries, in registers: there is no room for all of the widest
	extern __shared__ __align__(16) unsigned char memory[];
	float *q = (float *)memory, *k = q + QUERIES * HD, *v = k + 2 * KEYS * HD;
	int lane = threadIdx.x % 32, warp = threadIdx.x / 32, head = blockIdx.y, first = blockIdx.x * QUERIES, ld = 3 * heads * hd;
	const float *base = qkv + (size_t)blockIdx.z * T * ld + head * hd;

	auto tile = [&](float *to, int rows, int which, int row) {
#pragma unroll
		for (int j = 0; j < rows * HD / 4 / 128; j++) {
			int i = j * 128 + threadIdx.x, r = i / (HD / 4), c = i % (HD / 4);
			bool is = row + r < T && c * 4 < hd;
			copy16(to + place<float, HD>(r, c), is ? base + (size_t)(row + r) * ld + which * heads * hd + c * 4 : base, is ? 16 : 0);
		}
	};
	tile(q, QUERIES, 0, first);
	tile(k, KEYS, 1, 0);
	tile(v, KEYS, 2, 0);
	commit();

	// A lane has rows lane/4 and lane/4 + 8 of a warp's 16: index h.
	float o[STEPS][4] = {}, top[2] = {-MOST, -MOST}, sum[2] = {0, 0};
	u32 qf[KEPT][4];
	auto queries = [&](int i) { loadOperand(qf[i % KEPT], q + place<float, HD>(warp * 16 + lane % 16, i * 2 + lane / 16)); };
	int tiles = (T + KEYS - 1) / KEYS;
	for (int n = 0; n < tiles; n++) {
		int now = n & 1;
		if (n + 1 < tiles) {
			tile(k + (now ^ 1) * KEYS * HD, KEYS, 1, (n + 1) * KEYS);
			tile(v + (now ^ 1) * KEYS * HD, KEYS, 2, (n + 1) * KEYS);
			commit();
			wait<1>();
		} else
			wait<0>();
		__syncthreads();
		if (n == 0 && KEPT == STEPS)
#pragma unroll
			for (int i = 0; i < STEPS; i++) queries(i);
		const float *kt = k + now * KEYS * HD, *vt = v + now * KEYS * HD;

		float s[KEYS / 8][4] = {};
#pragma unroll
		for (int i = 0; i < STEPS; i++) {
			if (KEPT < STEPS) queries(i);
#pragma unroll
			for (int j = 0; j < KEYS / 16; j++) {
				u32 b[4];
				loadOperand(b, kt + place<float, HD>(j * 16 + lane / 16 * 8 + key(lane % 8), i * 2 + lane / 8 % 2));
				mma<float>(s[2 * j], qf[i % KEPT], b);
				mma<float>(s[2 * j + 1], qf[i % KEPT], b + 2);
			}
		}
		float most[2] = {top[0], top[1]};
#pragma unroll
		for (int j = 0; j < KEYS / 8; j++)
#pragma unroll
			for (int e = 0; e < 4; e++) {
				s[j][e] = n * KEYS + j * 8 + key(lane % 4 * 2 + (e & 1)) < T ? s[j][e] * scaleLog2 : -INFINITE;
				most[e >> 1] = fmaxf(most[e >> 1], s[j][e]);
			}
#pragma unroll
		for (int h = 0; h < 2; h++) {
			most[h] = fmaxf(most[h], __shfl_xor_sync(~0u, most[h], 1));
			most[h] = fmaxf(most[h], __shfl_xor_sync(~0u, most[h], 2));
			float f = exp2(top[h] - most[h]);
			top[h] = most[h];
			sum[h] *= f;
#pragma unroll
			for (int i = 0; i < STEPS; i++) o[i][2 * h] *= f, o[i][2 * h + 1] *= f;
		}
#pragma unroll
		for (int i = 0; i < KEYS / 8; i++) {
#pragma unroll
			for (int e = 0; e < 4; e++) {
				s[i][e] = exp2(s[i][e] - top[e >> 1]);
				sum[e >> 1] += s[i][e];
			}
			u32 a[4];
#pragma unroll
			for (int e = 0; e < 4; e++) a[e] = toTF32(__float_as_uint(s[i][e % 2 * 2 + e / 2]));
#pragma unroll
			for (int j = 0; j < STEPS; j++) {
				u32 b[2];
#pragma unroll
				for (int e = 0; e < 2; e++) b[e] = toTF32(*(const u32 *)(vt + place<float, HD>(i * 8 + key(lane % 4 * 2 + e), j * 2 + lane / 16) + lane / 4 % 4));
				mma<float>(o[j], a, b);
			}
		}
		__syncthreads();
	}

#pragma unroll
	for (int h = 0; h < 2; h++) {
		sum[h] += __shfl_xor_sync(~0u, sum[h], 1);
		sum[h] += __shfl_xor_sync(~0u, sum[h], 2);
		float f = 1.f / sum[h];
		int r = first + warp * 16 + lane / 4 + h * 8;
		float *to = y + ((size_t)blockIdx.z * T + r) * (heads * hd) + head * hd;
#pragma unroll
		for (int i = 0; i < STEPS; i++) {
			int c = i * 8 + lane % 4 * 2;
			if (r < T && c < hd) put(to + c, o[i][2 * h] * f, o[i][2 * h + 1] * f);
		}
	}
}

#define ATTENTION(HD) \
	KERNEL __launch_bounds__(128) attention_##HD##_tf32(float *y, const float *qkv, int T, int heads, int hd, float scaleLog2) { attention<HD>(y, qkv, T, heads, hd, scaleLog2); }
ATTENTION(64)
ATTENTION(80)
ATTENTION(128)
