// Patches: x (B, channels, height, width) cut to size×size pixels, "b c (py yy) (px xx) -> b (py px) (c yy xx)",
// each pixel as (x - mean) / std of its channel if there is a mean. Rows of y are ldy elements apart. A block has
// one patch of one image.
#include "common.cuh"

struct Patch {
	const float *x, *mean, *std;
	int channels, height, width, size;

	DEVICE int elements() { return channels * size * size; }
	DEVICE float pixel(int i) {
		int c = i / (size * size), yy = i / size % size, xx = i % size, across = width / size;
		int py = blockIdx.x / across, px = blockIdx.x % across;
		float v = x[(((size_t)blockIdx.y * channels + c) * height + py * size + yy) * width + px * size + xx];
		return mean ? (v - mean[c]) / std[c] : v;
	}
	DEVICE size_t row() { return (size_t)blockIdx.y * gridDim.x + blockIdx.x; }
};

KERNEL __launch_bounds__(256) patches_f32(float *y, const float *x, const float *mean, const float *std, int channels, int height, int width, int size, int ldy) {
	Patch p = {x, mean, std, channels, height, width, size};
	y += p.row() * ldy;
	for (int i = threadIdx.x; i < p.elements(); i += 256) y[i] = p.pixel(i);
}

KERNEL __launch_bounds__(256) patches_bf16(bf16 *y, const float *x, const float *mean, const float *std, int channels, int height, int width, int size, int ldy) {
	Patch p = {x, mean, std, channels, height, width, size};
	y += p.row() * ldy;
	for (int i = threadIdx.x; i < p.elements(); i += 256) y[i] = (bf16)toBF16(p.pixel(i));
}

// The opposite, without a mean: y (B, channels, height, width) from patches.
KERNEL __launch_bounds__(256) unpatch_f32(float *y, const float *x, int channels, int height, int width, int size, long long n) {
	long long i = (long long)blockIdx.x * 256 + threadIdx.x;
	if (i >= n) return;
	int column = (int)(i % width), row = (int)(i / width % height), c = (int)(i / width / height % channels);
	long long b = i / width / height / channels;
	int across = width / size, down = height / size, patch = row / size * across + column / size;
	y[i] = x[((b * across * down + patch) * channels + c) * size * size + row % size * size + column % size];
}
