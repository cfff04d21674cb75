package cpu

import "math"

// BinaryLoss is the mean of the binary cross entropy of logits X with targets, or of RetinaNet's focal
// loss: or its gradient DX = DY · dY/dX, where DX is given. It computes in float64.
type BinaryLoss[T Float] struct {
	Y          []T // (1)
	DX, DY     []T // (N), (1)
	X, Targets []T // (N)
	Known      []T // (N), 0 for what does not count; or nil
	Positive   []T // (K), the weight of positive targets by the place in a row of K; or nil

	Focal        bool
	Alpha, Gamma float64 // of the focal loss; a negative Alpha weighs nothing

	elements elementLoss[T]
}

// Check reports fields that contradict one another.
func (op *BinaryLoss[T]) Check() error {
	c := checking("BinaryLoss")
	n := len(op.X)
	lossLengths(c, op.Y, op.DX, op.DY, n)
	c.length("Targets", len(op.Targets), n)
	if op.Known != nil {
		c.length("Known", len(op.Known), n)
	}
	if k := len(op.Positive); k > 0 && n%k != 0 {
		c.fail("X has %d elements, want rows of %d as Positive", n, k)
	}
	return c.err
}

// Run computes Y or DX.
func (op *BinaryLoss[T]) Run(p *Pool) { op.elements.run(p, op, len(op.X), op.Y, op.DX, op.DY) }

func (op *BinaryLoss[T]) counts(j int) bool { return masked(op.Known, j) }

func (op *BinaryLoss[T]) at(j int) (value, slope float64) {
	z, t := float64(op.X[j]), float64(op.Targets[j])
	small := math.Exp(-math.Abs(z))
	p, q := 1/(1+small), small/(1+small) // σ(|z|) and σ(-|z|)
	if z < 0 {
		p, q = q, p
	}
	log := math.Log1p(small)
	w := 1.0
	if len(op.Positive) > 0 {
		w = float64(op.Positive[j%len(op.Positive)])
	}
	value = (1-t)*(log+max(z, 0)) + w*t*(log+max(-z, 0)) // -log(1 - σ), -log σ
	slope = (1-t)*p - w*t*q
	if !op.Focal {
		return value, slope
	}
	miss := p*(1-t) + q*t // 1 - the probability of the target
	factor := math.Pow(miss, op.Gamma)
	grown := 0.0 // the derivative of factor
	if miss > 0 && op.Gamma > 0 {
		grown = op.Gamma * math.Pow(miss, op.Gamma-1) * p * q * (1 - 2*t)
	}
	alpha := 1.0
	if op.Alpha >= 0 {
		alpha = op.Alpha*t + (1-op.Alpha)*(1-t)
	}
	return alpha * value * factor, alpha * (slope*factor + value*grown)
}
