// Patches: x (B, channels, height, width) cut to size×size pixels, "b c (py yy) (px xx) -> b (py px) (c yy xx)",
// each pixel as (x - mean) / std of its channel if there is a mean. Rows of y are ldy elements apart. A block has
// one patch of one image. Or x is (B, height, width, channels) of bytes, and a byte of channel c means levels[256·c + byte].
#include "common.cuh"

// Floats and Bytes are the images.
struct Floats {
	const float *x;
	DEVICE float at(int c, int row, int column, int channels, int height, int width) { return x[(((size_t)blockIdx.y * channels + c) * height + row) * width + column]; }
};
struct Bytes {
	const unsigned char *x;
	const float *levels;
	DEVICE float at(int c, int row, int column, int channels, int height, int width) { return levels[256 * c + x[(((size_t)blockIdx.y * height + row) * width + column) * channels + c]]; }
};

DEVICE void store(float *to, float v) { *to = v; }
DEVICE void store(bf16 *to, float v) { *to = (bf16)toBF16(v); }

template <class X, class Y> DEVICE void patches(Y *y, X x, const float *mean, const float *std, int channels, int height, int width, int size, int ldy) {
	int across = width / size, row = blockIdx.x / across * size, column = blockIdx.x % across * size;
	y += ((size_t)blockIdx.y * gridDim.x + blockIdx.x) * ldy;
	for (int i = threadIdx.x; i < channels * size * size; i += 256) {
		int c = i / (size * size);
		float v = x.at(c, row + i / size % size, column + i % size, channels, height, width);
		store(y + i, mean ? (v - mean[c]) / std[c] : v);
	}
}

#define PATCHES(SUFFIX, T) \
	KERNEL __launch_bounds__(256) patches_##SUFFIX(T *y, const float *x, const float *mean, const float *std, int channels, int height, int width, int size, int ldy) { patches(y, Floats{x}, mean, std, channels, height, width, size, ldy); } \
	KERNEL __launch_bounds__(256) patches_bytes_##SUFFIX(T *y, const unsigned char *x, const float *levels, const float *mean, const float *std, int channels, int height, int width, int size, int ldy) { patches(y, Bytes{x, levels}, mean, std, channels, height, width, size, ldy); }
PATCHES(f32, float)
PATCHES(bf16, bf16)

// The opposite, without a mean: y (B, channels, height, width) from patches.
KERNEL __launch_bounds__(256) unpatch_f32(float *y, const float *x, int channels, int height, int width, int size, long long n) {
	long long i = (long long)blockIdx.x * 256 + threadIdx.x;
	if (i >= n) return;
	int column = (int)(i % width), row = (int)(i / width % height), c = (int)(i / width / height % channels);
	long long b = i / width / height / channels;
	int across = width / size, down = height / size, patch = row / size * across + column / size;
	y[i] = x[((b * across * down + patch) * channels + c) * size * size + row % size * size + column % size];
}
