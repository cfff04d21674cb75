// LayerNorm on Hopper, to bfloat16: layernorm.cuh, whose launches overlap with those before and after them. At batch 1 a
// launch that waits for another costs as much as its rows.
#include "hopper.cuh"
#include "layernorm.cuh"

#define LAYERNORM(N, SUFFIX) \
	KERNEL __launch_bounds__(128) hopper_layernorm_##SUFFIX(bf16 *y, const float *x, const float *weight, const float *bias, int rows, int ldy, float eps, float gain) { \
		predecessor(); \
		successor(); \
		inRegisters<N, RowBF16>(y, x, weight, bias, rows, ldy, eps, gain); \
	}
LAYERNORM(6, bf16_768)
LAYERNORM(8, bf16_1024)
LAYERNORM(10, bf16_1280)
LAYERNORM(12, bf16_1536)

KERNEL __launch_bounds__(256) hopper_layernorm_bf16(bf16 *y, const float *x, const float *weight, const float *bias, int dim, int ldy, float eps, float gain) {
	predecessor();
	successor();
	anyWidth<RowBF16>(y, x, weight, bias, dim, ldy, eps, gain);
}
