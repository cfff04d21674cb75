// Attention on Hopper, on packed queries, keys and values: softmax(q·kᵀ·scale)·v for each head, by products of groups of
// four warps (wgmma) of boxes that the copy engine brings. qkv is bfloat16 (B, T, 3·heads·HD), in boxes of 64 columns by
// 64 tokens by 1, swizzled by 128 bytes; y (B, T, heads·HD) is bfloat16 in rows of ldy elements. scaleLog2 is
// scale·log2(e).
//
// A block goes over items: 64 queries of one head for each of its CW groups of consumers. One more group fetches: its
// first thread keeps STAGES tiles of 128 keys and values on their way, and the queries of the next item. While a tile is
// multiplied with the values, the softmax of the next one is computed. Heads of more than 64 have boxes of 128 columns:
// what is in them of the next head is not multiplied. Scores, the running maximum and the sums are float32 (Milakov and
// Gimelshein 2018; Dao et al. 2022; Shah et al. 2024); weights are rounded to bfloat16 for their product with the values.
#include "hopper.cuh"

constexpr int STAGES = 2, KEYS = 128, BOX = 64 * 128; // of 64 rows by 128 bytes

template <int CW, int HD> DEVICE void attention(bf16 *y, const TensorMap *qkv, int batch, int T, int heads, int ldy, float scaleLog2) {
	constexpr int BOXES = (HD + 63) / 64, TILE = BOXES * KEYS * 128, QUERIES = CW * BOXES * BOX;
	constexpr int V_AT = STAGES * TILE, Q_AT = V_AT + STAGES * TILE, BARRIERS_AT = Q_AT + 2 * QUERIES;
	extern __shared__ __align__(1024) unsigned char memory[];
	u32 k = sharedAddress(memory), v = k + V_AT, q = k + Q_AT, kFull = k + BARRIERS_AT, kEmpty = kFull + STAGES * 8, vFull = kEmpty + STAGES * 8, vEmpty = vFull + STAGES * 8, qFull = vEmpty + STAGES * 8, qEmpty = qFull + 16;
	int group = threadIdx.x / 128, tiles = (T + KEYS - 1) / KEYS, blocks = (T + CW * 64 - 1) / (CW * 64), items = blocks * heads * batch;
	if (threadIdx.x == 0) {
#pragma unroll 1
		for (int i = 0; i < STAGES * 8; i += 8) {
			barrierInit(kFull + i, 1), barrierInit(vFull + i, 1);
			barrierInit(kEmpty + i, 4 * CW), barrierInit(vEmpty + i, 4 * CW);
		}
#pragma unroll 1
		for (int i = 0; i < 16; i += 8) barrierInit(qFull + i, 1), barrierInit(qEmpty + i, 4 * CW);
		barrierInitsSeen();
		prefetch(qkv);
	}
	__syncthreads();
	successor();

	if (group == 0) {
		fewerRegisters<24>();
		if (threadIdx.x != 0) return;
		predecessor();
		int stage = 0, round = 0, turn = 0;
#pragma unroll 1
		for (int i = blockIdx.x; i < items; i += gridDim.x, turn++) {
			int first = i % blocks * CW * 64, head = i / blocks % heads, b = i / blocks / heads, at = turn % 2;
			if (turn >= 2) await(qEmpty + at * 8, turn / 2 - 1 & 1);
			announce(qFull + at * 8, QUERIES);
#pragma unroll
			for (int j = 0; j < CW * BOXES; j++) fetch(q + at * QUERIES + j * BOX, qkv, qFull + at * 8, head * HD + j % BOXES * 64, first + j / BOXES * 64, b);
#pragma unroll 1
			for (int n = 0; n < 2 * tiles; n++) { // keys, and values, of a tile
				int values = n % 2, full = values ? vFull : kFull, to = (values ? v : k) + stage * TILE, x = ((1 + values) * heads + head) * HD;
				if (round > 0) await((values ? vEmpty : kEmpty) + stage * 8, round - 1 & 1);
				announce(full + stage * 8, TILE);
#pragma unroll
				for (int j = 0; j < 2 * BOXES; j++) fetch(to + j * BOX, qkv, full + stage * 8, x + j / 2 * 64, n / 2 * KEYS + j % 2 * 64, b);
				if (values && ++stage == STAGES) stage = 0, round++;
			}
		}
		return;
	}

	moreRegisters<CW == 2 ? 240 : 232>();
	int me = group - 1, lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4, turn = 0;
	u32 stage = 0, round = 0;
#pragma unroll 1
	for (int i = blockIdx.x; i < items; i += gridDim.x, turn++) {
		int first = i % blocks * CW * 64, head = i / blocks % heads, b = i / blocks / heads, at = turn % 2;
		// A lane has rows lane/4 and lane/4 + 8 of a warp's 16: index h.
		float o[HD / 2], s[KEYS / 2], top[2] = {-MOST, -MOST}, sum[2] = {0, 0};
#pragma unroll
		for (int j = 0; j < HD / 2; j++) o[j] = 0;
		await(qFull + at * 8, turn / 2 & 1);
		u64 qs = operand(q + at * QUERIES + me * BOXES * BOX);
		auto scores = [&](u32 stage, u32 round) {
			await(kFull + stage * 8, round & 1);
			u64 ks = operand(k + stage * TILE);
			productsOpen();
#pragma unroll
			for (int d = 0; d < HD / 16; d++) multiply<KEYS>(s, qs + d / 4 * (BOX >> 4) + d % 4 * 2, ks + d / 4 * (2 * BOX >> 4) + d % 4 * 2, d);
			productsCommit();
		};
		scores(stage, round);
		productsWait<0>();
		arrive(kEmpty + stage * 8, lane);
		auto values = [&](u32 (&a)[KEYS / 16][4]) {
			await(vFull + stage * 8, round & 1);
			u64 vs = operand(v + stage * TILE, 2 * BOX);
			productsOpen();
#pragma unroll
			for (int j = 0; j < KEYS / 16; j++) multiplyRows<HD>(o, a[j], vs + j * (16 * 128 >> 4));
			productsCommit();
		};
		u32 a[KEYS / 16][4];
#pragma unroll 1
		for (int n = 0;; n++) {
			u32 before = stage == 0 ? STAGES - 1 : stage - 1, next = stage + 1 == STAGES ? 0 : stage + 1, nextRound = round + (next == 0);
			if (n == tiles - 1)
#pragma unroll
				for (int j = 0; j < KEYS / 2; j++)
					if (n * KEYS + j / 4 * 8 + lane % 4 * 2 + j % 2 >= T) s[j] = -INFINITE;
			float most[2] = {top[0], top[1]}, f[2], shift[2], added[2] = {0, 0};
#pragma unroll
			for (int j = 0; j < KEYS / 2; j++) most[j / 2 % 2] = fmaxf(most[j / 2 % 2], s[j]);
#pragma unroll
			for (int h = 0; h < 2; h++) {
				most[h] = fmaxf(most[h], __shfl_xor_sync(~0u, most[h], 1));
				most[h] = fmaxf(most[h], __shfl_xor_sync(~0u, most[h], 2));
				f[h] = exp2((top[h] - most[h]) * scaleLog2);
				top[h] = most[h];
				shift[h] = -most[h] * scaleLog2;
			}
#pragma unroll
			for (int j = 0; j < KEYS / 2; j++) {
				s[j] = exp2(fmaf(s[j], scaleLog2, shift[j / 2 % 2]));
				added[j / 2 % 2] += s[j];
			}
			productsWait<0>(); // the weights of the tile before are read, and their values added
			if (n > 0) arrive(vEmpty + before * 8, lane);
#pragma unroll
			for (int h = 0; h < 2; h++) sum[h] = sum[h] * f[h] + added[h];
#pragma unroll
			for (int j = 0; j < HD / 2; j++) o[j] *= f[j / 2 % 2];
#pragma unroll
			for (int j = 0; j < KEYS / 4; j++) a[j / 4][j % 4] = toBF16x2(s[2 * j], s[2 * j + 1]);
			settle(o), settle(a);
			if (n + 1 == tiles) break;
			scores(next, nextRound);
			values(a);
			productsWait<1>();
			arrive(kEmpty + next * 8, lane);
			stage = next, round = nextRound;
		}
		values(a);
		arrive(qEmpty + at * 8, lane);
		productsWait<0>();
		arrive(vEmpty + stage * 8, lane);
		if (++stage == STAGES) stage = 0, round++;
#pragma unroll
		for (int h = 0; h < 2; h++) {
			sum[h] += __shfl_xor_sync(~0u, sum[h], 1);
			sum[h] += __shfl_xor_sync(~0u, sum[h], 2);
			float f = 1.f / sum[h];
			int r = first + me * 64 + warp * 16 + lane / 4 + h * 8;
			bf16 *to = y + ((size_t)b * T + r) * ldy + head * HD;
#pragma unroll
			for (int j = 0; j + 4 <= HD / 8; j += 4) {
				u32 w[4];
#pragma unroll
				for (int e = 0; e < 4; e++) w[e] = toBF16x2(o[(j + e) * 4 + 2 * h] * f, o[(j + e) * 4 + 2 * h + 1] * f);
				transpose(w); // now a lane has all of one group of 8 columns
				if (r < T) put(to + (j + lane % 4) * 8, w);
			}
#pragma unroll
			for (int j = HD / 32 * 4; j < HD / 8; j++)
				if (r < T) *(u32 *)(to + j * 8 + lane % 4 * 2) = toBF16x2(o[j * 4 + 2 * h] * f, o[j * 4 + 2 * h + 1] * f);
		}
	}
}

#define ATTENTION(HD, CW, SUFFIX, BLOCKS) \
	KERNEL __launch_bounds__(128 * (CW + 1), BLOCKS) hopper_attention_##HD##SUFFIX(bf16 *y, const __grid_constant__ TensorMap qkv, int batch, int T, int heads, int ldy, float scaleLog2) { attention<CW, HD>(y, &qkv, batch, T, heads, ldy, scaleLog2); }
ATTENTION(64, 2, , 1)
ATTENTION(64, 1, _small, 2)
ATTENTION(80, 2, , 1)
