// ResizeTable: a table x (grid·grid, dim), resized to square×square, bilinearly, of which y (h·w, dim) is the upper
// left corner: what torch.nn.functional.interpolate computes. It runs once for a picture's size, so places and
// weights are in float64. A block has one row of y.
#include "common.cuh"

// source is where row or column d of the result lies in the table.
DEVICE double source(int d, int grid, int square, int alignCorners) {
	if (alignCorners) return square > 1 ? (double)d * (grid - 1) / (square - 1) : 0.;
	double s = (d + 0.5) * grid / square - 0.5;
	return s > 0 ? s : 0.;
}

// between is a, as far as t from a to b; where t is 0, b does not count, NaN neither.
DEVICE double between(double a, double b, double t) { return t == 0 ? a : (1 - t) * a + t * b; }

KERNEL __launch_bounds__(128) resize_table_f32(float *y, const float *x, int grid, int square, int w, int dim, int alignCorners) {
	int i = blockIdx.x / w, j = blockIdx.x % w;
	double a = source(i, grid, square, alignCorners), b = source(j, grid, square, alignCorners);
	int r = min((int)a, grid - 1), c = min((int)b, grid - 1), r1 = min(r + 1, grid - 1), c1 = min(c + 1, grid - 1);
	double f = a - r, g = b - c;
	for (int k = threadIdx.x; k < dim; k += 128) {
		double p = x[(size_t)(r * grid + c) * dim + k], q = x[(size_t)(r * grid + c1) * dim + k];
		double s = x[(size_t)(r1 * grid + c) * dim + k], t = x[(size_t)(r1 * grid + c1) * dim + k];
		y[(size_t)blockIdx.x * dim + k] = (float)between(between(p, q, g), between(s, t, g), f);
	}
}

// share is how much row (or column) d of the result takes of row j of the table.
DEVICE double share(int d, int j, int grid, int square, int alignCorners) {
	double s = source(d, grid, square, alignCorners);
	int r = min((int)s, grid - 1);
	double t = s - r;
	return (j == r ? 1 - t : 0.) + (j == min(r + 1, grid - 1) ? t : 0.);
}

// The derivative: dx (grid·grid, dim) from dy (h·w, dim). A block has one row of dx.
KERNEL __launch_bounds__(128) resize_table_grad_f32(float *dx, const float *dy, int grid, int square, int h, int w, int dim, int alignCorners) {
	int r = blockIdx.x / grid, c = blockIdx.x % grid;
	for (int k = threadIdx.x; k < dim; k += 128) {
		double s = 0;
		for (int i = 0; i < h; i++) {
			double f = share(i, r, grid, square, alignCorners);
			if (f == 0) continue;
			for (int j = 0; j < w; j++) {
				double g = share(j, c, grid, square, alignCorners);
				if (g != 0) s += f * g * dy[(size_t)(i * w + j) * dim + k];
			}
		}
		dx[(size_t)blockIdx.x * dim + k] = (float)s;
	}
}
