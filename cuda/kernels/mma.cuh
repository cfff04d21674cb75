// Matrix instructions of sm_80 and newer, and the copies that feed them.
#pragma once
#include "common.cuh"

// mma adds a (16, 16) times b (16, 8), bfloat16, to c, float32; of float32, a (16, 8) times b (8, 8), of which 11 bits are read.
#define MMA(SHAPE) \
	asm volatile("mma.sync.aligned." SHAPE ".f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))
template <class T = bf16> DEVICE void mma(float *c, const u32 *a, const u32 *b) {
	if constexpr (sizeof(T) == 2) MMA("m16n8k16.row.col.f32.bf16.bf16");
	else MMA("m16n8k8.row.col.f32.tf32.tf32");
}

// toTF32 rounds to the nearest TF32, which has 11 bits; of two, to the one further from 0.
DEVICE u32 toTF32(u32 a) {
	u32 r;
	asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(r) : "f"(__uint_as_float(a)));
	return r;
}

// sharedAddress is that of a pointer into shared memory, as asm statements want it.
DEVICE u32 sharedAddress(const void *p) { return (u32)__cvta_generic_to_shared(p); }

// loadMatrices reads four matrices of 8×8; lanes 8i to 8i+7 have the addresses of the rows of matrix i.
DEVICE void loadMatrices(u32 *r, const void *at) {
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(sharedAddress(at)) : "memory");
}
DEVICE void loadTransposed(u32 *r, const void *at) {
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(sharedAddress(at)) : "memory");
}

// loadOperand is loadMatrices of an operand of mma. Of float32, a matrix has 8×4, which are rounded.
template <class T> DEVICE void loadOperand(u32 *r, const T *at) {
	loadMatrices(r, at);
	if constexpr (sizeof(T) == 4) {
#pragma unroll
		for (int i = 0; i < 4; i++) r[i] = toTF32(r[i]);
	}
}

// copy16 begins to copy 16 bytes to shared memory, of which the first `bytes` are read; the others are zeros.
DEVICE void copy16(void *to, const void *from, int bytes) {
	asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(sharedAddress(to)), "l"(from), "r"(bytes) : "memory");
}

// commit closes a group of copies; wait is for all groups but the last N.
DEVICE void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N> DEVICE void wait() { asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

// inside is how many of the elements of 16 bytes, as bytes, from column k on lie within n columns.
template <class T> DEVICE int inside(int k, int n) { return min(max(n - k, 0), 16 / (int)sizeof(T)) * (int)sizeof(T); }

// place is where 16 bytes (chunk c) of a row of a tile lie, in elements. The chunks of a row are permuted, in groups of
// as many as divide a row and are a power of two: then the same chunk of 8 rows, which a matrix has, is in 8
// different groups of banks, and so are 8 chunks of the tile in a row, which 8 lanes write.
template <class T, int COLUMNS> DEVICE int place(int row, int c) {
	constexpr int CHUNK = 16 / sizeof(T), C = COLUMNS / CHUNK, G = (C & -C) < 8 ? C & -C : 8;
	return row * COLUMNS + (c ^ (row / (8 / G) & (G - 1))) * CHUNK;
}

// transpose exchanges words in a group of 4 lanes: word j of lane q becomes word q of lane j.
DEVICE void transpose(u32 *v) {
	int q = threadIdx.x % 4;
#pragma unroll
	for (int j = 0; j < 4; j += 2) {
		u32 t = __shfl_xor_sync(~0u, q & 1 ? v[j] : v[j + 1], 1);
		(q & 1 ? v[j] : v[j + 1]) = t;
	}
#pragma unroll
	for (int j = 0; j < 2; j++) {
		u32 t = __shfl_xor_sync(~0u, q & 2 ? v[j] : v[j + 2], 2);
		(q & 2 ? v[j] : v[j + 2]) = t;
	}
}
