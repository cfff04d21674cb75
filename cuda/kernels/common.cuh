// What all kernels share. No CUDA header is included: NVRTC needs nothing but itself.
#pragma once

typedef unsigned short bf16; // the bits of a bfloat16
typedef unsigned int u32;

#define DEVICE __device__ __forceinline__
#define KERNEL extern "C" __global__ void

// The largest finite float.
#define MOST __int_as_float(0x7f7fffff)
#define INFINITE __int_as_float(0x7f800000)

// toBF16 rounds to the nearest bfloat16, of two the even one.
DEVICE u32 toBF16(float a) {
	u32 x = __float_as_uint(a);
	return a != a ? 0x7fffu : (x + 0x7fffu + (x >> 16 & 1)) >> 16;
}

// toBF16x2 rounds two floats to bfloat16; a becomes the lower half.
DEVICE u32 toBF16x2(float a, float b) {
#if __CUDA_ARCH__ >= 800
	u32 r;
	asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(b), "f"(a));
	return r;
#else
	return toBF16(a) | toBF16(b) << 16;
#endif
}

// warpSum adds up over the 32 lanes of a warp, in a tree.
DEVICE float warpSum(float v) {
#pragma unroll
	for (int o = 16; o > 0; o >>= 1) v += __shfl_xor_sync(~0u, v, o);
	return v;
}

DEVICE float warpMax(float v) {
#pragma unroll
	for (int o = 16; o > 0; o >>= 1) v = fmaxf(v, __shfl_xor_sync(~0u, v, o));
	return v;
}

// exp2 is 2 to the x, by one instruction: to 2 in the last place.
DEVICE float exp2(float x) {
	float y;
	asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
	return y;
}

// put stores 8 or 16 bytes at once. Written as assembly, since the compiler sometimes splits such stores.
DEVICE void put(float *to, float a, float b) { asm volatile("st.global.v2.f32 [%0], {%1, %2};" ::"l"(to), "f"(a), "f"(b) : "memory"); }
DEVICE void put(float *to, float4 a) { asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(to), "f"(a.x), "f"(a.y), "f"(a.z), "f"(a.w) : "memory"); }
DEVICE void put(bf16 *to, u32 a, u32 b) { asm volatile("st.global.v2.u32 [%0], {%1, %2};" ::"l"(to), "r"(a), "r"(b) : "memory"); }
DEVICE void put(bf16 *to, const u32 *a) { asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(to), "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]) : "memory"); }
