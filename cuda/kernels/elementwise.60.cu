// Operations on single elements, in float32. n is their number.
#include "gelu.cuh"

DEVICE long long element() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }

KERNEL gelu_f32(float *y, const float *x, long long n) {
	long long i = element();
	if (i < n) y[i] = gelu(x[i]);
}

// NaN stays NaN.
KERNEL relu_f32(float *y, const float *x, long long n) {
	long long i = element();
	if (i < n) y[i] = x[i] < 0 ? 0.f : x[i];
}

KERNEL scale_f32(float *y, const float *x, float factor, long long n) {
	long long i = element();
	if (i < n) y[i] = x[i] * factor;
}

// b has m elements, and is repeated.
KERNEL add_f32(float *y, const float *a, const float *b, long long n, long long m) {
	long long i = element();
	if (i < n) y[i] = a[i] + b[i % m];
}
KERNEL sub_f32(float *y, const float *a, const float *b, long long n, long long m) {
	long long i = element();
	if (i < n) y[i] = a[i] - b[i % m];
}
KERNEL mul_f32(float *y, const float *a, const float *b, long long n, long long m) {
	long long i = element();
	if (i < n) y[i] = a[i] * b[i % m];
}

// x (rows, columns) to bfloat16, in rows of ldy elements.
KERNEL convert_bf16(bf16 *y, const float *x, int rows, int columns, int ldy) {
	long long i = element();
	if (i < (long long)rows * columns) y[i / columns * ldy + i % columns] = (bf16)toBF16(x[i]);
}

// (x - mean) / std for each of the channels of x (B, channels, plane).
KERNEL normalize_f32(float *y, const float *x, const float *mean, const float *std, int channels, int plane, long long n) {
	long long i = element();
	if (i >= n) return;
	int c = (int)(i / plane % channels);
	y[i] = (x[i] - mean[c]) / std[c];
}
