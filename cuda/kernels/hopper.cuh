// What Hopper (sm_90a) adds: products by a group of four warps from shared memory, a copy engine that moves
// boxes of tensors, and barriers in shared memory that count both threads and bytes.
#pragma once
#include "mma.cuh"

typedef unsigned long long u64;

// TensorMap is a tensor in global memory, as the driver describes it to the copy engine.
struct __align__(64) TensorMap { u64 opaque[16]; };

// Barriers, and boxes, are named by their address in shared memory. A barrier's phase ends when so many threads have arrived, and all bytes that were announced have come.
// Phases are told apart by their parity.
DEVICE void barrierInit(u32 b, int threads) { asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(b), "r"(threads) : "memory"); }
DEVICE void barrierInitsSeen() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
DEVICE void announce(u32 b, u32 bytes) { asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(b), "r"(bytes) : "memory"); }
// arrive is for a warp: its first lane arrives.
DEVICE void arrive(u32 b, int lane) { asm volatile("{\n.reg .pred p;\nsetp.eq.s32 p, %1, 0;\n@p mbarrier.arrive.shared::cta.b64 _, [%0];\n}" ::"r"(b), "r"(lane) : "memory"); }
DEVICE void await(u32 b, u32 parity) {
	asm volatile("{\n.reg .pred p;\nagain:\nmbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n@!p bra again;\n}" ::"r"(b), "r"(parity) : "memory");
}

// fetch copies a box to shared memory, and tells a barrier; what is outside of the tensor is zero.
DEVICE void fetch(u32 to, const TensorMap *t, u32 b, int x, int y) {
	asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], [%2];" ::"r"(to), "l"(t), "r"(b), "r"(x), "r"(y) : "memory");
}
DEVICE void fetch(u32 to, const TensorMap *t, u32 b, int x, int y, int z) {
	asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], [%2];" ::"r"(to), "l"(t), "r"(b), "r"(x), "r"(y), "r"(z) : "memory");
}

// send copies a box of shared memory to a tensor, sendAdded adds it, in float32; what is outside is left out.
DEVICE void send(const TensorMap *t, u32 from, int x, int y) {
	asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%2, %3}], [%1];" ::"l"(t), "r"(from), "r"(x), "r"(y) : "memory");
}
DEVICE void send(const TensorMap *t, u32 from, int x, int y, int z) {
	asm volatile("cp.async.bulk.tensor.3d.global.shared::cta.bulk_group [%0, {%2, %3, %4}], [%1];" ::"l"(t), "r"(from), "r"(x), "r"(y), "r"(z) : "memory");
}
DEVICE void sendAdded(const TensorMap *t, u32 from, int x, int y, int z) {
	asm volatile("cp.reduce.async.bulk.tensor.3d.global.shared::cta.add.bulk_group [%0, {%2, %3, %4}], [%1];" ::"l"(t), "r"(from), "r"(x), "r"(y), "r"(z) : "memory");
}
DEVICE void sendCommit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
// sendsRead waits until all groups but the last N have been read from shared memory.
template <int N> DEVICE void sendsRead() { asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(N) : "memory"); }
// toEngine lets the copy engine see what this thread has written to shared memory.
DEVICE void toEngine() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
DEVICE void prefetch(const TensorMap *t) { asm volatile("prefetch.tensormap [%0];" ::"l"(t) : "memory"); }

// A launch may begin before the one before it has ended (programmatic dependent launch): what that wrote is there
// after predecessor. successor lets the next launch begin in the same way.
DEVICE void predecessor() { asm volatile("griddepcontrol.wait;" ::: "memory"); }
DEVICE void successor() { asm volatile("griddepcontrol.launch_dependents;" ::: "memory"); }

// Named barriers of N threads.
template <int N> DEVICE void barrierSync(int id) { asm volatile("bar.sync %0, %1;" ::"r"(id), "n"(N) : "memory"); }
template <int N> DEVICE void barrierArrive(int id) { asm volatile("bar.arrive %0, %1;" ::"r"(id), "n"(N) : "memory"); }

template <int N> DEVICE void moreRegisters() { asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(N)); }
template <int N> DEVICE void fewerRegisters() { asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(N)); }

// storeMatrices writes four matrices of 8×8; lanes 8i to 8i+7 have the addresses of the rows of matrix i.
DEVICE void storeMatrices(u32 at, u32 a, u32 b, u32 c, u32 d) {
	asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(at), "r"(a), "r"(b), "r"(c), "r"(d) : "memory");
}

// Products of a group of four warps: registers are theirs between productsOpen and productsWait.
DEVICE void productsOpen() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
DEVICE void productsCommit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
// settle keeps the compiler from computing these registers behind the next productsOpen.
template <typename T, int N> DEVICE void settle(T (&r)[N]) {
#pragma unroll
	for (int i = 0; i < N; i++) {
		if constexpr (sizeof(T) > 4) settle(r[i]);
		else if constexpr (T(1) / 2 != 0) asm volatile("" : "+f"(r[i]));
		else asm volatile("" : "+r"(r[i]));
	}
}
template <int N> DEVICE void productsWait() { asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory"); }

// operand describes a matrix in shared memory in rows of 128 bytes, swizzled by 128, eight rows a kilobyte; or, of a
// transposed one, whose columns beyond 64 lie `further` bytes away.
DEVICE u64 operand(u32 at, int further = 16) { return (u64)((at & 0x3ffff) >> 4) | (u64)(further >> 4) << 16 | (u64)(1024 >> 4) << 32 | (u64)1 << 62; }

// Lists of operands of asm statements: ten names, and eight sums.
#define TEN(t) "%" #t "0, %" #t "1, %" #t "2, %" #t "3, %" #t "4, %" #t "5, %" #t "6, %" #t "7, %" #t "8, %" #t "9"
#define GROUP8(c, i) "+f"(c[i]), "+f"(c[i + 1]), "+f"(c[i + 2]), "+f"(c[i + 3]), "+f"(c[i + 4]), "+f"(c[i + 5]), "+f"(c[i + 6]), "+f"(c[i + 7])
#define GROUP32(c, i) GROUP8(c, i), GROUP8(c, i + 8), GROUP8(c, i + 16), GROUP8(c, i + 24)
#define SUMS32 GROUP32(c, 0)
#define SUMS40 GROUP32(c, 0), GROUP8(c, 32)
#define SUMS64 GROUP32(c, 0), GROUP32(c, 32)
#define SUMS96 GROUP32(c, 0), GROUP32(c, 32), GROUP32(c, 64)
#define NAMES32 TEN() ", " TEN(1) ", " TEN(2) ", %30, %31"
#define NAMES40 TEN() ", " TEN(1) ", " TEN(2) ", " TEN(3)
#define NAMES64 NAMES40 ", " TEN(4) ", " TEN(5) ", %60, %61, %62, %63"
#define NAMES96 NAMES40 ", " TEN(4) ", " TEN(5) ", " TEN(6) ", " TEN(7) ", " TEN(8) ", %90, %91, %92, %93, %94, %95"

// multiply<N> adds a (64, 16) times b (16, N), bfloat16, both in shared memory with rows of K, to c, float32; or starts
// anew with them, unless `add`. PRODUCT's numbers are those of the operands behind the sums.
#define PRODUCT(N, NAMES, SUMS, A, B, ADD) \
	asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" #ADD ", 0;\nwgmma.mma_async.sync.aligned.m64n" #N "k16.f32.bf16.bf16 {" NAMES "}, %" #A ", %" #B ", p, 1, 1, 0, 0;\n}" : SUMS : "l"(a), "l"(b), "r"(add))
template <int N> DEVICE void multiply(float *c, u64 a, u64 b, int add) {
	static_assert(N == 64 || N == 128 || N == 192, "");
	if constexpr (N == 64) PRODUCT(64, NAMES32, SUMS32, 32, 33, 34);
	if constexpr (N == 128) PRODUCT(128, NAMES64, SUMS64, 64, 65, 66);
	if constexpr (N == 192) PRODUCT(192, NAMES96, SUMS96, 96, 97, 98);
}

// multiplyRows<N> adds a, whose rows are in registers as those of mma, times b (16, N) in shared memory with rows of N.
#define PRODUCT_ROWS(N, NAMES, SUMS, A0, A1, A2, A3, B) \
	asm volatile("{\n.reg .pred p;\nsetp.eq.b32 p, 0, 0;\nwgmma.mma_async.sync.aligned.m64n" #N "k16.f32.bf16.bf16 {" NAMES "}, {%" #A0 ", %" #A1 ", %" #A2 ", %" #A3 "}, %" #B ", p, 1, 1, 1;\n}" : SUMS : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b))
template <int N> DEVICE void multiplyRows(float *c, const u32 *a, u64 b) {
	static_assert(N == 64 || N == 80, "");
	if constexpr (N == 64) PRODUCT_ROWS(64, NAMES32, SUMS32, 32, 33, 34, 35, 36);
	if constexpr (N == 80) PRODUCT_ROWS(80, NAMES40, SUMS40, 40, 41, 42, 43, 44);
}
