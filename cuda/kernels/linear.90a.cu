// Linear on Hopper: y = residual + scale · gelu(x·wᵀ + bias), by products of groups of four warps (wgmma) of boxes that
// the copy engine brings. x (M, K) and w (N, K) are bfloat16, in boxes of 64 columns by the rows of a tile. y (M, N) is
// bfloat16, in boxes of 64 columns by 16 rows, with no scale and no residual; or float32 (splits, M, N), in boxes of 32
// columns by 16 rows by 1, and N a multiple of 4. All boxes are swizzled by 128 bytes, and sums are in float32. bias and
// scale (N) are float32, or null. With `add`, y holds the residual, and is added to in memory.
//
// A block goes over tiles, of 64·MI rows of each of its CW groups of consumers by TN columns. One more group fetches: its
// first thread keeps STAGES pieces of 64 columns of x and w on their way. With TURNS, groups take turns at tiles: the
// epilogue of one runs beside the products of the other. Else they share a tile. The results leave by the copy engine,
// 2 KB a warp, so no group waits for another. With `splits`, as many pieces of K have sums of their own, which
// linear_splits_f32 adds up: always in the same order.
#include "gelu.cuh"
#include "hopper.cuh"

enum Output { BF16, BF16_GELU, FLOAT };

struct Item { int m, n, split, from, to; }; // a tile's first row and column, and the steps of its sums

template <int CW, int MI, int TN, int STAGES, bool TURNS, Output OUT>
DEVICE void linear(const TensorMap *x, const TensorMap *w, const TensorMap *y, const float *bias, const float *scale, int M, int N, int K, int splits, int add) {
	constexpr int BM = 64 * MI * (TURNS ? 1 : CW), XBYTES = BM * 128, BYTES = XBYTES + TN * 128, SHARING = TURNS ? 1 : CW;
	constexpr int W = OUT == FLOAT ? 32 : 64, CHUNKS = TN / W, CHUNK = 2048; // of 16 rows by 128 bytes, two for a warp
	extern __shared__ __align__(1024) unsigned char memory[];
	constexpr int OUT_AT = STAGES * BYTES, COLUMNS_AT = OUT_AT + CW * 4 * 2 * CHUNK, FULL_AT = COLUMNS_AT + (TURNS ? CW : 1) * 2 * TN * 4, EMPTY_AT = FULL_AT + STAGES * 8;
	u32 base = sharedAddress(memory), full = base + FULL_AT, empty = base + EMPTY_AT;
	int group = threadIdx.x / 128, lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
	int tiles = (N + TN - 1) / TN, items = (M + BM - 1) / BM * tiles * splits, steps = (K + 63) / 64;
	auto item = [&](int i) {
		int split = i % splits, tile = i / splits;
		return Item{tile / tiles * BM, tile % tiles * TN, split, split * steps / splits, (split + 1) * steps / splits};
	};
	if (threadIdx.x == 0) {
#pragma unroll 1
		for (int i = 0; i < STAGES * 8; i += 8) barrierInit(full + i, 1), barrierInit(empty + i, 4 * SHARING);
		barrierInitsSeen();
		prefetch(x), prefetch(w), prefetch(y);
	}
	__syncthreads();
	successor();

	if (group == 0) {
		if (CW == 2) fewerRegisters<40>();
		if (threadIdx.x != 0) return;
		int stage = 0, round = 0;
		auto box = [&](int s, const Item &t, bool ofX) {
			u32 at = base + stage * BYTES;
			if (ofX) fetch(at, x, full + stage * 8, s * 64, t.m);
			else fetch(at + XBYTES, w, full + stage * 8, s * 64, t.n);
		};
		auto next = [&]() {
			if (++stage == STAGES) stage = 0, round++;
		};
		// Weights do not depend on the launch before: as many as there is room for come early.
		Item t = item(blockIdx.x);
		int early = min(STAGES, t.to - t.from);
#pragma unroll 1
		for (int s = 0; s < early; s++, next()) announce(full + stage * 8, BYTES), box(t.from + s, t, false);
		predecessor();
		stage = round = 0;
		for (int i = blockIdx.x; i < items; i += gridDim.x) {
			t = item(i);
#pragma unroll 1
			for (int s = t.from; s < t.to; s++, next()) {
				if (early > 0) early--;
				else {
					if (round > 0) await(empty + stage * 8, round - 1 & 1);
					announce(full + stage * 8, BYTES);
					box(s, t, false);
				}
				box(s, t, true);
			}
		}
		return;
	}

	if (CW == 2) moreRegisters<232>();
	constexpr int THREADS = TURNS ? 128 : CW * 128; // that share a tile
	int me = group - 1, turn = 0, thread = TURNS ? threadIdx.x % 128 : threadIdx.x - 128;
	u32 chunks = base + OUT_AT + (me * 4 + warp) * 2 * CHUNK;
	float *bs = (float *)(memory + COLUMNS_AT) + (TURNS ? me * 2 * TN : 0), *ss = bs + TN; // bias and scale of a tile
	u32 stage = 0, round = 0, parity = 0;
	float c[MI][TN / 2];
	for (int i = blockIdx.x; i < items; i += gridDim.x, turn++) {
		Item t = item(i);
		if (TURNS) {
			if (turn % 2 != me) { // skip what the other group takes
				stage += t.to - t.from;
				round += stage / STAGES;
				stage %= STAGES;
				continue;
			}
			if (turn > 0) barrierSync<256>(1 + me);
		}
		constexpr int EACH = (TN + THREADS - 1) / THREADS;
		float b[EACH], f[EACH];
#pragma unroll
		for (int j = 0; j < EACH; j++) {
			int column = t.n + thread + j * THREADS;
			b[j] = bias && column < N ? bias[column] : 0.f;
			f[j] = OUT == FLOAT && scale && column < N ? scale[column] : 1.f;
		}
		u32 last = 0;
#pragma unroll 1
		for (int s = t.from; s < t.to; s++) {
			await(full + stage * 8, round & 1);
			u32 at = base + stage * BYTES;
			u64 xs = operand(at + (TURNS ? 0 : me * MI * 8192)), ws = operand(at + XBYTES);
			productsOpen();
#pragma unroll
			for (int k = 0; k < 4; k++)
#pragma unroll
				for (int mi = 0; mi < MI; mi++) multiply<TN>(c[mi], xs + mi * (8192 >> 4) + 2 * k, ws + 2 * k, s - t.from + k);
			productsCommit();
			if (s > t.from) {
				productsWait<1>();
				arrive(empty + last * 8, lane);
			}
			last = stage;
			if (++stage == STAGES) stage = 0, round++;
		}
		if (TURNS) barrierArrive<256>(1 + (me ^ 1));
		productsWait<0>();
		arrive(empty + last * 8, lane);

		if (!TURNS) barrierSync<THREADS>(3); // all have read the columns of the tile before; who takes turns has waited for them
#pragma unroll
		for (int j = 0; j < EACH; j++)
			if (thread + j * THREADS < TN) {
				bs[thread + j * THREADS] = b[j];
				if (OUT == FLOAT) ss[thread + j * THREADS] = f[j];
			}
		barrierSync<THREADS>(3 + (TURNS ? me : 0));

		// A lane has columns 2·(lane%4) and the next of each group of 8, in rows lane/4 and 8 further.
		int row = t.m + (TURNS ? 0 : me * MI * 64) + warp * 16;
#pragma unroll 1
		for (int mi = 0; mi < MI; mi++, row += 64) {
			if (row < M) {
#pragma unroll
				for (int q = 0; q < CHUNKS; q++, parity ^= 1) {
					u32 to = chunks + parity * CHUNK;
					if (lane == 0) sendsRead<1>();
					__syncwarp();
					if (OUT == FLOAT) {
						int r = lane / 4;
#pragma unroll
						for (int j = 0; j < 4; j++) {
							float2 b = *(float2 *)(bs + q * 32 + j * 8 + lane % 4 * 2), f = *(float2 *)(ss + q * 32 + j * 8 + lane % 4 * 2);
							const float *d = c[0] + (q * 4 + j) * 4;
							u32 at = to + r * 128 + ((j * 2 + lane % 4 / 2) ^ r) * 16 + lane % 2 * 8;
							asm volatile("st.shared.v2.f32 [%0], {%1, %2};" ::"r"(at), "f"((d[0] + b.x) * f.x), "f"((d[1] + b.y) * f.y) : "memory");
							asm volatile("st.shared.v2.f32 [%0+1024], {%1, %2};" ::"r"(at), "f"((d[2] + b.x) * f.x), "f"((d[3] + b.y) * f.y) : "memory");
						}
					} else {
						u32 v[W / 4];
#pragma unroll
						for (int j = 0; j < W / 8; j++) {
							float2 b = *(float2 *)(bs + q * W + j * 8 + lane % 4 * 2);
							const float *d = c[0] + (q * (W / 8) + j) * 4;
							float e[4] = {d[0] + b.x, d[1] + b.y, d[2] + b.x, d[3] + b.y};
							if (OUT == BF16_GELU)
#pragma unroll
								for (int h = 0; h < 4; h++) e[h] = geluFast(e[h]);
							v[2 * j] = toBF16x2(e[0], e[1]);
							v[2 * j + 1] = toBF16x2(e[2], e[3]);
						}
						int r = lane % 16;
#pragma unroll
						for (int j = 0; j < W / 8; j += 2) storeMatrices(to + r * 128 + ((j + lane / 16) ^ (r & 7)) * 16, v[2 * j], v[2 * j + 1], v[2 * j + 2], v[2 * j + 3]);
					}
					toEngine();
					__syncwarp();
					if (lane == 0) {
						int column = t.n + q * W;
						if (column < N) {
							if (OUT != FLOAT) send(y, to, column, row);
							else if (add) sendAdded(y, to, column, row, t.split);
							else send(y, to, column, row, t.split);
						}
						sendCommit();
					}
				}
			}
			if (MI == 2)
#pragma unroll
				for (int j = 0; j < TN / 2; j++) c[0][j] = c[MI - 1][j];
		}
	}
	if (lane == 0) sendsRead<0>();
}

#define LINEAR(TILE, CW, MI, TN, STAGES, TURNS, SUFFIX, OUT, BLOCKS) \
	KERNEL __launch_bounds__(128 * (CW + 1), BLOCKS) hopper_##TILE##_##SUFFIX(const __grid_constant__ TensorMap x, const __grid_constant__ TensorMap w, const __grid_constant__ TensorMap y, const float *bias, const float *scale, int M, int N, int K, int splits, int add) { linear<CW, MI, TN, STAGES, TURNS, OUT>(&x, &w, &y, bias, scale, M, N, K, splits, add); }
LINEAR(128x192, 2, 2, 192, 4, true, bf16, BF16, 1)
LINEAR(128x192, 2, 2, 192, 4, true, bf16_gelu, BF16_GELU, 1)
LINEAR(128x128, 2, 2, 128, 6, true, f32, FLOAT, 1)
LINEAR(128x64, 2, 1, 64, 8, false, bf16, BF16, 1)
LINEAR(128x64, 2, 1, 64, 8, false, bf16_gelu, BF16_GELU, 1)
LINEAR(128x64, 2, 1, 64, 8, false, f32, FLOAT, 1)
LINEAR(64x64, 1, 1, 64, 6, false, f32, FLOAT, 2)

// linear_splits_f32: y = residual + scale · (bias + sums), of sums (splits, rows, 4·fours) that are added up in order.
KERNEL __launch_bounds__(256) linear_splits_f32(float *y, const float *sums, const float *bias, const float *scale, const float *residual, int rows, int fours, int splits) {
	predecessor();
	successor();
	int i = blockIdx.x * 256 + threadIdx.x, n = rows * fours, column = i % fours;
	if (i >= n) return;
	const float4 *from = (const float4 *)sums + i;
	float4 b = bias ? ((const float4 *)bias)[column] : make_float4(0, 0, 0, 0), f = scale ? ((const float4 *)scale)[column] : make_float4(1, 1, 1, 1);
	float4 a = make_float4(0, 0, 0, 0), r = residual ? ((const float4 *)residual)[i] : a;
	for (int s = 0; s < splits; s++) {
		float4 p = from[(size_t)s * n];
		a.x += p.x, a.y += p.y, a.z += p.z, a.w += p.w;
	}
	put(y + (size_t)i * 4, make_float4(r.x + f.x * (a.x + b.x), r.y + f.y * (a.y + b.y), r.z + f.z * (a.z + b.z), r.w + f.w * (a.w + b.w)));
}
