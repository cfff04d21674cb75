// Linear of operands in float32, of which products read 11 bits (TF32): rows of x and w are of multiples of 4 elements.
#include "linear.cuh"

#define LINEAR(BM, BN, WM, VECTORS) \
	KERNEL __launch_bounds__(BM / WM * BN) linear_##BM##x##BN##_tf32(float *y, const float *x, const float *w, const float *bias, const float *scale, const float *residual, int M, int N, int K, int ldx, int ldw, int useGELU) { linear<BM, BN, WM, false, VECTORS>(y, x, w, bias, scale, residual, M, N, K, ldx, ldw, 0, useGELU); }
LINEAR(128, 128, 64, true)
LINEAR(64, 64, 32, false)
