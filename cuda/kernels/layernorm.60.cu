// LayerNorm for all GPUs: layernorm.cuh.
#include "layernorm.cuh"

#define LAYERNORM(N, SUFFIX, T, ROW) \
	KERNEL __launch_bounds__(128) layernorm_##SUFFIX(T *y, const float *x, const float *weight, const float *bias, int rows, int ldy, float eps, float gain) { inRegisters<N, ROW>(y, x, weight, bias, rows, ldy, eps, gain); }
LAYERNORM(6, f32_768, float, RowF32)
LAYERNORM(8, f32_1024, float, RowF32)
LAYERNORM(10, f32_1280, float, RowF32)
LAYERNORM(12, f32_1536, float, RowF32)
LAYERNORM(6, bf16_768, bf16, RowBF16)
LAYERNORM(8, bf16_1024, bf16, RowBF16)
LAYERNORM(10, bf16_1280, bf16, RowBF16)
LAYERNORM(12, bf16_1536, bf16, RowBF16)

KERNEL __launch_bounds__(256) layernorm_f32(float *y, const float *x, const float *weight, const float *bias, int dim, int ldy, float eps, float gain) { anyWidth<RowF32>(y, x, weight, bias, dim, ldy, eps, gain); }
KERNEL __launch_bounds__(256) layernorm_bf16(bf16 *y, const float *x, const float *weight, const float *bias, int dim, int ldy, float eps, float gain) { anyWidth<RowBF16>(y, x, weight, bias, dim, ldy, eps, gain); }
