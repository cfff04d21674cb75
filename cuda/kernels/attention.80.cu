// Attention on packed queries, keys and values: softmax(q·kᵀ·scale)·v for each head. qkv (B, T, 3·heads·hd)
// is bfloat16 in rows of ld elements; y (B, T, heads·hd) is bfloat16 in rows of ldy, or float32 in y32.
// hd is a multiple of 8, at most HD. scaleLog2 is scale·log2(e).
//
// A block has 64 queries of one head, a warp 16 of them. Keys and values come in tiles of 64, two of each
// in shared memory. Scores, the running maximum and the sums are float32 (Milakov and Gimelshein 2018; Dao
// et al. 2022); weights are rounded to bfloat16 for their product with the values.
#include "mma.cuh"

constexpr int KEYS = 64;

template <int HD> DEVICE void attention(bf16 *y, float *y32, const bf16 *qkv, int T, int heads, int hd, int ld, int ldy, float scaleLog2) {
	constexpr int KK = HD / 16;
	extern __shared__ __align__(16) unsigned char memory[];
	bf16 *q = (bf16 *)memory, *k = q + 64 * HD, *v = k + 2 * KEYS * HD;
	int lane = threadIdx.x % 32, warp = threadIdx.x / 32, head = blockIdx.y, first = blockIdx.x * 64;
	const bf16 *base = qkv + (size_t)blockIdx.z * T * ld + head * hd;

	auto tile = [&](bf16 *to, int which, int row) {
#pragma unroll
		for (int j = 0; j < HD / 16; j++) {
			int i = j * 128 + threadIdx.x, r = i / (HD / 8), c = i % (HD / 8);
			bool is = row + r < T && c * 8 < hd;
			copy16(to + place<bf16, HD>(r, c), is ? base + (size_t)(row + r) * ld + which * heads * hd + c * 8 : base, is ? 16 : 0);
		}
	};
	tile(q, 0, first);
	tile(k, 1, 0);
	tile(v, 2, 0);
	commit();

	// A lane has rows lane/4 and lane/4 + 8 of a warp's 16: index h.
	float o[HD / 8][4] = {}, top[2] = {-MOST, -MOST}, sum[2] = {0, 0};
	u32 qf[KK][4];
	int tiles = (T + KEYS - 1) / KEYS;
	for (int n = 0; n < tiles; n++) {
		int now = n & 1;
		if (n + 1 < tiles) {
			tile(k + (now ^ 1) * KEYS * HD, 1, (n + 1) * KEYS);
			tile(v + (now ^ 1) * KEYS * HD, 2, (n + 1) * KEYS);
			commit();
			wait<1>();
		} else
			wait<0>();
		__syncthreads();
		if (n == 0)
#pragma unroll
			for (int i = 0; i < KK; i++) loadMatrices(qf[i], q + place<bf16, HD>(warp * 16 + lane % 16, i * 2 + lane / 16));
		const bf16 *kt = k + now * KEYS * HD, *vt = v + now * KEYS * HD;

		float s[8][4] = {};
#pragma unroll
		for (int i = 0; i < KK; i++)
#pragma unroll
			for (int j = 0; j < 4; j++) {
				u32 b[4];
				loadMatrices(b, kt + place<bf16, HD>(j * 16 + lane % 8 + lane / 16 * 8, i * 2 + lane / 8 % 2));
				mma(s[2 * j], qf[i], b);
				mma(s[2 * j + 1], qf[i], b + 2);
			}
		float most[2] = {top[0], top[1]};
#pragma unroll
		for (int j = 0; j < 8; j++)
#pragma unroll
			for (int e = 0; e < 4; e++) {
				int key = n * KEYS + j * 8 + lane % 4 * 2 + (e & 1);
				s[j][e] = key < T ? s[j][e] * scaleLog2 : -INFINITE;
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
			for (int i = 0; i < HD / 8; i++) o[i][2 * h] *= f, o[i][2 * h + 1] *= f;
		}
#pragma unroll
		for (int j = 0; j < 8; j++)
#pragma unroll
			for (int e = 0; e < 4; e++) {
				s[j][e] = exp2(s[j][e] - top[e >> 1]);
				sum[e >> 1] += s[j][e];
			}
#pragma unroll
		for (int i = 0; i < 4; i++) {
			u32 a[4] = {toBF16x2(s[2 * i][0], s[2 * i][1]), toBF16x2(s[2 * i][2], s[2 * i][3]), toBF16x2(s[2 * i + 1][0], s[2 * i + 1][1]), toBF16x2(s[2 * i + 1][2], s[2 * i + 1][3])};
#pragma unroll
			for (int j = 0; j < KK; j++) {
				u32 b[4];
				loadTransposed(b, vt + place<bf16, HD>(i * 16 + lane % 16, j * 2 + lane / 16));
				mma(o[2 * j], a, b);
				mma(o[2 * j + 1], a, b + 2);
			}
		}
		__syncthreads();
	}

#pragma unroll
	for (int h = 0; h < 2; h++) {
		sum[h] += __shfl_xor_sync(~0u, sum[h], 1);
		sum[h] += __shfl_xor_sync(~0u, sum[h], 2);
		float f = 1.f / sum[h];
		int r = first + warp * 16 + lane / 4 + h * 8, c0 = lane % 4 * 2;
		size_t row = (size_t)blockIdx.z * T + r;
		if (y32) {
#pragma unroll
			for (int i = 0; i < HD / 8; i++)
				if (r < T && i * 8 < hd) put(y32 + row * (heads * hd) + head * hd + i * 8 + c0, o[i][2 * h] * f, o[i][2 * h + 1] * f);
			continue;
		}
		bf16 *to = y + row * ldy + head * hd;
#pragma unroll
		for (int i = 0; i + 4 <= HD / 8; i += 4) {
			u32 w[4];
#pragma unroll
			for (int j = 0; j < 4; j++) w[j] = toBF16x2(o[i + j][2 * h] * f, o[i + j][2 * h + 1] * f);
			transpose(w); // now a lane has all of one group of 8 columns
			int c = (i + lane % 4) * 8;
			if (r < T && c < hd) put(to + c, w);
		}
#pragma unroll
		for (int i = HD / 32 * 4; i < HD / 8; i++)
			if (r < T && i * 8 < hd) *(u32 *)(to + i * 8 + c0) = toBF16x2(o[i][2 * h] * f, o[i][2 * h + 1] * f);
	}
}

#define ATTENTION(HD) \
	KERNEL __launch_bounds__(128) attention_##HD(bf16 *y, float *y32, const bf16 *qkv, int T, int heads, int hd, int ld, int ldy, float scaleLog2) { attention<HD>(y, y32, qkv, T, heads, hd, ld, ldy, scaleLog2); }
ATTENTION(32)
ATTENTION(64)
ATTENTION(80)
ATTENTION(96)
ATTENTION(128)
