// Linear of operands in bfloat16.
#include "linear.cuh"

#define LINEAR(BM, BN, WM, SUFFIX, GELU, BF16, VECTORS) \
	KERNEL __launch_bounds__(BM / WM * BN) linear_##BM##x##BN##SUFFIX(void *y, const bf16 *x, const bf16 *w, const float *bias, const float *scale, const float *residual, int M, int N, int K, int ldx, int ldw, int ldy) { linear<BM, BN, WM, BF16, VECTORS>(y, x, w, bias, scale, residual, M, N, K, ldx, ldw, ldy, GELU); }
LINEAR(128, 128, 64, _bf16, false, true, false)
LINEAR(128, 128, 64, _bf16_gelu, true, true, false)
LINEAR(128, 128, 64, _f32, false, false, true)
LINEAR(64, 64, 32, _bf16, false, true, false)
LINEAR(64, 64, 32, _bf16_gelu, true, true, false)
LINEAR(64, 64, 32, _f32, false, false, false)
LINEAR(64, 64, 32, _f32_gelu, true, false, false)
