// The derivative of attention in float32, without tensor cores: dqkv from qkv (B, T, 3·heads·hd) and dy
// (B, T, heads·hd), hd at most 128. With p = softmax(q·kᵀ·scale), dp = dy·vᵀ and ds = p·(dp − Σ p·dp)·scale:
// dv = pᵀ·dy, dq = ds·k, dk = dsᵀ·q.
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

// Where the block's head lies.
struct Head {
	int ld, dim; // distances of rows of qkv and of dy
	const float *q, *k, *v, *dy;
	size_t at, rows; // of the head's first element in qkv, and of its first row in `rows`
	DEVICE Head(const float *qkv, const float *dy0, int T, int heads, int hd) {
		dim = heads * hd, ld = 3 * dim;
		at = (size_t)blockIdx.z * T * ld + blockIdx.y * hd;
		q = qkv + at, k = q + dim, v = k + dim;
		dy = dy0 + (size_t)blockIdx.z * T * dim + blockIdx.y * hd;
		rows = ((size_t)blockIdx.z * heads + blockIdx.y) * T;
	}
};

// rows (B, heads, T, 4): of a query's scores, the largest, and 1 / Σ exp(score − largest); the dp of the key with
// the largest score, and Σ p·dp less that.
KERNEL __launch_bounds__(128) attention_grad_rows_f32(float4 *rows, const float *qkv, const float *dy, int T, int heads, int hd, float scale) {
	__shared__ Rows q, g;
	__shared__ Tile tile;
	Head h(qkv, dy, T, heads, hd);
	int warp = threadIdx.x / 32, lane = threadIdx.x % 32, first = blockIdx.x * ROWS;
	q.fill(h.q, h.ld, first, T, hd);
	g.fill(h.dy, h.dim, first, T, hd);
	float top[OWN], sum[OWN] = {}, near[OWN] = {}, mean[OWN] = {};
#pragma unroll
	for (int i = 0; i < OWN; i++) top[i] = -MOST;
	for (int k0 = 0; k0 < T; k0 += TILE) {
		float s[OWN], dp[OWN];
		tile.fill(h.k, h.ld, k0, T, hd);
		dots(s, q, tile, hd);
		tile.fill(h.v, h.ld, k0, T, hd);
		dots(dp, g, tile, hd);
#pragma unroll
		for (int i = 0; i < OWN; i++) {
			s[i] = k0 + lane < T ? s[i] * scale : -INFINITE;
			float most = warpMax(s[i]);
			if (most > top[i]) {
				float f = expf(top[i] - most), d = __shfl_sync(~0u, dp[i], __ffs(__ballot_sync(~0u, s[i] == most)) - 1);
				if (!(fabsf(d) <= MOST)) d = 0;
				mean[i] = f * (mean[i] + sum[i] * (near[i] - d));
				sum[i] *= f, near[i] = d, top[i] = most;
			}
			float e = expf(s[i] - top[i]);
			sum[i] += e;
			mean[i] = fmaf(e, dp[i] - near[i], mean[i]);
		}
	}
#pragma unroll
	for (int i = 0; i < OWN; i++) {
		int r = first + warp * OWN + i;
		float inverse = 1 / warpSum(sum[i]), m = warpSum(mean[i]) * inverse;
		if (r < T && lane == 0) rows[h.rows + r] = make_float4(top[i], inverse, near[i], m);
	}
}

// weights makes p of a score, and ds of dp, with the numbers of the query.
DEVICE void weights(float &score, float &dp, float4 row, float scale) {
	score = expf(score * scale - row.x) * row.y;
	dp = score * ((dp - row.z) - row.w) * scale;
}

// dq, into the first third of the rows of dqkv.
KERNEL __launch_bounds__(128) attention_grad_q_f32(float *dqkv, const float *qkv, const float *dy, const float4 *rows, int T, int heads, int hd, float scale) {
	__shared__ Rows q, g;
	__shared__ Tile tile;
	Head h(qkv, dy, T, heads, hd);
	int warp = threadIdx.x / 32, first = blockIdx.x * ROWS;
	q.fill(h.q, h.ld, first, T, hd);
	g.fill(h.dy, h.dim, first, T, hd);
	float4 row[OWN];
#pragma unroll
	for (int i = 0; i < OWN; i++) row[i] = rows[h.rows + min(first + warp * OWN + i, T - 1)];
	float dq[OWN][PARTS] = {};
	for (int k0 = 0; k0 < T; k0 += TILE) {
		float s[OWN], dp[OWN];
		tile.fill(h.v, h.ld, k0, T, hd);
		dots(dp, g, tile, hd);
		tile.fill(h.k, h.ld, k0, T, hd);
		dots(s, q, tile, hd);
#pragma unroll
		for (int i = 0; i < OWN; i++) weights(s[i], dp[i], row[i], scale);
		accumulate(dq, dp, tile, min(TILE, T - k0), hd);
	}
	store(dqkv + h.at, h.ld, dq, first, T, hd);
}

// dk and dv, into the second and last third.
KERNEL __launch_bounds__(128) attention_grad_kv_f32(float *dqkv, const float *qkv, const float *dy, const float4 *rows, int T, int heads, int hd, float scale) {
	__shared__ Rows k, v;
	__shared__ Tile tile;
	Head h(qkv, dy, T, heads, hd);
	int lane = threadIdx.x % 32, first = blockIdx.x * ROWS;
	k.fill(h.k, h.ld, first, T, hd);
	v.fill(h.v, h.ld, first, T, hd);
	float dk[OWN][PARTS] = {}, dv[OWN][PARTS] = {};
	for (int q0 = 0; q0 < T; q0 += TILE) {
		float s[OWN], dp[OWN];
		int n = min(TILE, T - q0);
		float4 row = rows[h.rows + min(q0 + lane, T - 1)];
		tile.fill(h.q, h.ld, q0, T, hd);
		dots(s, k, tile, hd);
		tile.fill(h.dy, h.dim, q0, T, hd);
		dots(dp, v, tile, hd);
#pragma unroll
		for (int i = 0; i < OWN; i++) weights(s[i], dp[i], row, scale);
		accumulate(dv, s, tile, n, hd);
		tile.fill(h.q, h.ld, q0, T, hd);
		accumulate(dk, dp, tile, n, hd);
	}
	store(dqkv + h.at + h.dim, h.ld, dk, first, T, hd);
	store(dqkv + h.at + 2 * h.dim, h.ld, dv, first, T, hd);
}
