// The derivative of attention in float32, without tensor cores: dq and dkv from q, kv and dy (B, Q, heads·hd), hd at most
// 128; q and kv as attention.60.cu has them, dq and dkv as those. With p = softmax(q·kᵀ·scale), dp = dy·vᵀ and
// ds = p·(dp − Σ p·dp)·scale: dv = pᵀ·dy, dq = ds·k, dk = dsᵀ·q. With causal, a query meets keys up to its own place.
//
// Nothing of size T×T is kept: a first kernel stores four numbers for each row of p, the others compute p again.
// Σ p·dp is stored as its distance from the dp of the key with most weight: where that key has nearly all of it,
// dp − Σ p·dp is a small difference of large numbers otherwise.
//
// A block has 16 rows of one head (queries; of dk and dv, keys), a warp 4 of them. What they meet comes in tiles
// of 32 rows, one after the other in the same memory: in products along a head, a lane is a row of the tile; in
// sums over rows, it has every 32nd column.
#include "common.cuh"

constexpr int ROWS = 16, TILE = 32, OWN = 4, MOST_HD = 128, PARTS = MOST_HD / 32;

struct Rows {
	float v[ROWS][MOST_HD];
	// fill copies rows from `first` on, zeros beyond T.
	DEVICE void fill(const float *from, int ld, int first, int T, int hd) {
		for (int i = threadIdx.x; i < ROWS * hd; i += 128) {
			int r = i / hd, c = i % hd;
			v[r][c] = first + r < T ? from[(size_t)(first + r) * ld + c] : 0.f;
		}
	}
};

struct Tile {
	float v[TILE][MOST_HD + 1];
	// fill is that of Rows, once all threads have done with what was here, and before any reads.
	DEVICE void fill(const float *from, int ld, int first, int T, int hd) {
		__syncthreads();
		for (int i = threadIdx.x; i < TILE * hd; i += 128) {
			int r = i / hd, c = i % hd;
			v[r][c] = first + r < T ? from[(size_t)(first + r) * ld + c] : 0.f;
		}
		__syncthreads();
	}
};

// dots are products of the warp's rows with the lane's row of a tile.
DEVICE void dots(float (&s)[OWN], const Rows &own, const Tile &tile, int hd) {
	int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
	for (int i = 0; i < OWN; i++) s[i] = 0;
	for (int c = 0; c < hd; c++) {
		float b = tile.v[lane][c];
#pragma unroll
		for (int i = 0; i < OWN; i++) s[i] = fmaf(own.v[warp * OWN + i][c], b, s[i]);
	}
}

// accumulate adds the rows of a tile to sums of the warp's rows, each times the weight that its lane has.
DEVICE void accumulate(float (&sum)[OWN][PARTS], const float (&weights)[OWN], const Tile &tile, int rows, int hd) {
	int lane = threadIdx.x % 32;
	for (int j = 0; j < rows; j++) {
		float w[OWN];
#pragma unroll
		for (int i = 0; i < OWN; i++) w[i] = __shfl_sync(~0u, weights[i], j);
#pragma unroll
		for (int d = 0; d < PARTS; d++) {
			if (d * 32 + lane >= hd) break;
			float v = tile.v[j][d * 32 + lane];
#pragma unroll
			for (int i = 0; i < OWN; i++) sum[i][d] = fmaf(w[i], v, sum[i][d]);
		}
	}
}

// store writes the warp's sums to rows from `first` on.
DEVICE void store(float *to, int ld, const float (&sum)[OWN][PARTS], int first, int T, int hd) {
	int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
	for (int i = 0; i < OWN; i++) {
		int r = first + warp * OWN + i;
		if (r >= T) return;
#pragma unroll
		for (int d = 0; d < PARTS; d++)
			if (d * 32 + lane < hd) to[(size_t)r * ld + d * 32 + lane] = sum[i][d];
	}
}

// Where a head lies.
struct Place {
	long long qBatch; // from the queries of one entry of the batch to those of the next, 0 where all have the same
	int ldq, ldkv, k0, v0, Q, T, heads, hd, causal;
	float scale;
};

struct Head {
	const float *q, *k, *v, *dy;
	size_t query, key, rows; // of the head's first query and key in q and kv, and of its first row in `rows`
	int dim;                 // distance of rows of dy
	DEVICE Head(const Place &p, int batch, const float *q0, const float *kv, const float *dy0) {
		dim = p.heads * p.hd;
		query = batch * p.qBatch + blockIdx.y * p.hd;
		key = (size_t)batch * p.T * p.ldkv + blockIdx.y * p.hd + p.k0;
		q = q0 + query, k = kv + key, v = k - p.k0 + p.v0;
		dy = dy0 + (size_t)batch * p.Q * dim + blockIdx.y * p.hd;
		rows = ((size_t)batch * p.heads + blockIdx.y) * p.Q;
	}
};

#define PLACE long long qBatch, int ldq, int ldkv, int k0, int v0, int Q, int T, int heads, int hd, int causal, float scale
#define PLACED Place at = {qBatch, ldq, ldkv, k0, v0, Q, T, heads, hd, causal, scale}

// rows (B, heads, Q, 4): of a query's scores, the largest, and 1 / Σ exp(score − largest); the dp of the key with
// the largest score, and Σ p·dp less that.
KERNEL __launch_bounds__(128) attention_grad_rows_f32(float4 *rows, const float *q0, const float *kv, const float *dy, PLACE) {
	__shared__ Rows q, g;
	__shared__ Tile tile;
	PLACED;
	Head h(at, blockIdx.z, q0, kv, dy);
	int warp = threadIdx.x / 32, lane = threadIdx.x % 32, first = blockIdx.x * ROWS;
	q.fill(h.q, ldq, first, Q, hd);
	g.fill(h.dy, h.dim, first, Q, hd);
	float top[OWN], sum[OWN] = {}, near[OWN] = {}, mean[OWN] = {};
#pragma unroll
	for (int i = 0; i < OWN; i++) top[i] = -MOST;
	int end = causal ? min(T, first + ROWS) : T;
	for (int t0 = 0; t0 < end; t0 += TILE) {
		float s[OWN], dp[OWN];
		tile.fill(h.k, ldkv, t0, T, hd);
		dots(s, q, tile, hd);
		tile.fill(h.v, ldkv, t0, T, hd);
		dots(dp, g, tile, hd);
#pragma unroll
		for (int i = 0; i < OWN; i++) {
			bool meets = t0 + lane < T && (!causal || t0 + lane <= first + warp * OWN + i);
			s[i] = meets ? s[i] * scale : -INFINITE;
			float most = warpMax(s[i]);
			if (most > top[i]) {
				float f = expf(top[i] - most), d = __shfl_sync(~0u, dp[i], __ffs(__ballot_sync(~0u, s[i] == most)) - 1);
				if (!(fabsf(d) <= MOST)) d = 0;
				mean[i] = f * (mean[i] + sum[i] * (near[i] - d));
				sum[i] *= f, near[i] = d, top[i] = most;
			}
			float e = expf(s[i] - top[i]);
			sum[i] += e;
			if (meets) mean[i] = fmaf(e, dp[i] - near[i], mean[i]);
		}
	}
#pragma unroll
	for (int i = 0; i < OWN; i++) {
		int r = first + warp * OWN + i;
		float inverse = 1 / warpSum(sum[i]), m = warpSum(mean[i]) * inverse;
		if (r < Q && lane == 0) rows[h.rows + r] = make_float4(top[i], inverse, near[i], m);
	}
}

// weights makes p of a score, and ds of dp, with the numbers of the query.
DEVICE void weights(float &score, float &dp, float4 row, float scale, bool meets) {
	score = meets ? expf(score * scale - row.x) * row.y : 0.f;
	dp = meets ? score * ((dp - row.z) - row.w) * scale : 0.f;
}

// dq: a block of queries of one entry of the batch, or of `batches` of them, one after another, that have the same.
KERNEL __launch_bounds__(128) attention_grad_q_f32(float *to, const float *q0, const float *kv, const float *dy, const float4 *rows, int batches, PLACE) {
	__shared__ Rows q, g;
	__shared__ Tile tile;
	PLACED;
	int warp = threadIdx.x / 32, lane = threadIdx.x % 32, first = blockIdx.x * ROWS;
	float dq[OWN][PARTS] = {};
	Head one(at, blockIdx.z, q0, kv, dy);
	q.fill(one.q, ldq, first, Q, hd);
	for (int b = blockIdx.z; b < blockIdx.z + batches; b++) {
		Head h(at, b, q0, kv, dy);
		g.fill(h.dy, h.dim, first, Q, hd); // those of the entry before were read before its last keys came
		float4 row[OWN];
#pragma unroll
		for (int i = 0; i < OWN; i++) row[i] = rows[h.rows + min(first + warp * OWN + i, Q - 1)];
		int end = causal ? min(T, first + ROWS) : T;
		for (int t0 = 0; t0 < end; t0 += TILE) {
			float s[OWN], dp[OWN];
			tile.fill(h.v, ldkv, t0, T, hd);
			dots(dp, g, tile, hd);
			tile.fill(h.k, ldkv, t0, T, hd);
			dots(s, q, tile, hd);
#pragma unroll
			for (int i = 0; i < OWN; i++) weights(s[i], dp[i], row[i], scale, !causal || t0 + lane <= first + warp * OWN + i);
			accumulate(dq, dp, tile, min(TILE, T - t0), hd);
		}
	}
	store(to + one.query, ldq, dq, first, Q, hd);
}

// dk and dv.
KERNEL __launch_bounds__(128) attention_grad_kv_f32(float *to, const float *q0, const float *kv, const float *dy, const float4 *rows, PLACE) {
	__shared__ Rows k, v;
	__shared__ Tile tile;
	PLACED;
	Head h(at, blockIdx.z, q0, kv, dy);
	int warp = threadIdx.x / 32, lane = threadIdx.x % 32, first = blockIdx.x * ROWS;
	k.fill(h.k, ldkv, first, T, hd);
	v.fill(h.v, ldkv, first, T, hd);
	float dk[OWN][PARTS] = {}, dv[OWN][PARTS] = {};
	for (int r0 = causal ? first : 0; r0 < Q; r0 += TILE) {
		float s[OWN], dp[OWN];
		int n = min(TILE, Q - r0);
		float4 row = rows[h.rows + min(r0 + lane, Q - 1)];
		tile.fill(h.q, ldq, r0, Q, hd);
		dots(s, k, tile, hd);
		tile.fill(h.dy, h.dim, r0, Q, hd);
		dots(dp, v, tile, hd);
#pragma unroll
		for (int i = 0; i < OWN; i++) weights(s[i], dp[i], row, scale, !causal || first + warp * OWN + i <= r0 + lane);
		accumulate(dv, s, tile, n, hd);
		tile.fill(h.q, ldq, r0, Q, hd);
		accumulate(dk, dp, tile, n, hd);
	}
	store(to + h.key, ldkv, dk, first, T, hd);
	store(to + h.key - k0 + v0, ldkv, dv, first, T, hd);
}
