// BatchNorm in training, and sums of columns, of rows (rows, dim), in float64, rounded once. A block has 32 columns, by 8
// threads each.
#include "double.cuh"

struct Columns {
	int rows, dim, lane, own, c;
	DEVICE Columns(int rows, int dim) : rows(rows), dim(dim), lane(threadIdx.x % 32), own(threadIdx.x / 32), c(blockIdx.x * 32 + threadIdx.x % 32) {}
	DEVICE bool is() { return c < dim; }
	DEVICE bool first() { return own == 0 && is(); }

	// each calls f with the place of each element of the column that the thread has.
	template <class F> DEVICE void each(F f) {
		if (!is()) return;
#pragma unroll 1
		for (int r = own; r < rows; r += 8) f((size_t)r * dim + c);
	}

	// sum is that of f over the column, in all its threads. Each f has memory of its own, and is summed once.
	template <class F> DEVICE double sum(F f) {
		__shared__ double sums[8][32];
		double s = 0;
		each([&](size_t i) { s += f(i); });
		sums[own][lane] = s;
		__syncthreads();
		s = 0;
#pragma unroll 1
		for (int i = 0; i < 8; i++) s += sums[i][lane];
		return s;
	}
};

// The mean of a column and the sum of the squares of the distances from it.
struct Statistics {
	double mean, squares;
	DEVICE Statistics(Columns &at, const float *x) {
		mean = at.sum([&](size_t i) { return (double)x[i]; }) / at.rows;
		squares = at.sum([&](size_t i) { return (x[i] - mean) * (x[i] - mean); });
	}
	DEVICE double inverse(int rows, double eps) { return 1 / sqrt(squares / rows + eps); }
};

// (x - mean) / √(variance + eps) · weight + bias. weight and bias may be null.
KERNEL __launch_bounds__(256) batchnorm_train_f32(float *y, const float *x, const float *weight, const float *bias, double eps, int rows, int dim) {
	Columns at(rows, dim);
	Statistics s(at, x);
	double f = s.inverse(rows, eps), w = 1, b = 0;
	if (at.is() && weight) w = weight[at.c], b = bias[at.c];
	at.each([&](size_t i) { y[i] = (float)((x[i] - s.mean) * f * w + b); });
}

// Towards x: weight·inv·(dy - mean(dy) - x̂·mean(dy·x̂)), x̂ = (x - mean)·inv.
KERNEL __launch_bounds__(256) batchnorm_train_grad_f32(float *dx, const float *x, const float *dy, const float *weight, double eps, int rows, int dim) {
	Columns at(rows, dim);
	Statistics s(at, x);
	double inv = s.inverse(rows, eps);
	double g = at.sum([&](size_t i) { return (double)dy[i]; }) / rows;
	double gx = at.sum([&](size_t i) { return dy[i] * (x[i] - s.mean); }) * inv * inv / rows;
	double f = at.is() && weight ? inv * weight[at.c] : inv;
	at.each([&](size_t i) { dx[i] = (float)(f * (dy[i] - g - (x[i] - s.mean) * gx)); });
}

// Towards the weight: the sum of dy·x̂, of the statistics that are given (in inference), or of those of x.
KERNEL __launch_bounds__(256) batchnorm_grad_weight_f32(float *dw, const float *x, const float *dy, const float *mean, const float *variance, double eps, int rows, int dim) {
	Columns at(rows, dim);
	double m = 0, inv = 0;
	if (!mean) {
		Statistics s(at, x);
		m = s.mean, inv = s.inverse(rows, eps);
	} else if (at.is())
		m = mean[at.c], inv = 1 / sqrt(variance[at.c] + eps);
	double sum = at.sum([&](size_t i) { return dy[i] * (x[i] - m); });
	if (at.first()) dw[at.c] = (float)(sum * inv);
}

// The running statistics move towards those of x; the variance that enters is the unbiased one.
KERNEL __launch_bounds__(256) running_f32(float *mean, float *variance, const float *x, double momentum, int rows, int dim) {
	Columns at(rows, dim);
	Statistics s(at, x);
	if (!at.first()) return;
	double old = 1 - momentum;
	mean[at.c] = (float)(old * mean[at.c] + momentum * s.mean);
	variance[at.c] = (float)(old * variance[at.c] + momentum * (s.squares / (rows - 1)));
}

// y (dim) is the sum over the rows of x.
KERNEL __launch_bounds__(256) sum_rows_exact_f32(float *y, const float *x, int rows, int dim) {
	Columns at(rows, dim);
	double sum = at.sum([&](size_t i) { return (double)x[i]; });
	if (at.first()) y[at.c] = (float)sum;
}
