package eval

import "cradio/cpu"

// probeUpdate is the step of the optimiser for all weights of a probe.
type probeUpdate struct {
	sgd    []sgdWeight
	adam   []adamWeight
	pieces []sgdPiece
	factor float64
}

// sgdWeight is a weight with its gradient and its momentum.
type sgdWeight struct {
	w, g, m []float32
	rate    float64
}

// sgdPiece is some elements of a weight.
type sgdPiece struct{ weight, from, to int }

// adamWeight is a weight in AdamW's step.
type adamWeight struct {
	op   cpu.AdamW[float32]
	rate float64
}

// What PyTorch takes by default, and DINOv2.
const (
	sgdMomentum = 0.9
	adamBeta1   = 0.9
	adamBeta2   = 0.999
	adamEpsilon = 1e-8

	sgdElements = 1 << 13 // of a piece
)

// addSGD adds a weight that SGD changes.
func (u *probeUpdate) addSGD(w, g []float32, rate float64) {
	for from := 0; from < len(w); from += sgdElements {
		u.pieces = append(u.pieces, sgdPiece{len(u.sgd), from, min(from+sgdElements, len(w))})
	}
	u.sgd = append(u.sgd, sgdWeight{w, g, make([]float32, len(w)), rate})
}

// addAdamW adds a weight that AdamW changes.
func (u *probeUpdate) addAdamW(w, g []float32, rate, decay float64) {
	u.adam = append(u.adam, adamWeight{cpu.AdamW[float32]{
		W: w, G: g, M: make([]float32, len(w)), V: make([]float32, len(w)), Rate: make([]float32, 2), Step: make([]float32, 1),
		Beta1: adamBeta1, Beta2: adamBeta2, Eps: adamEpsilon, Decay: decay, Factor: 1,
	}, rate})
}

// step changes the weights, at their rates times a factor. t is the number of the step, from 1.
func (u *probeUpdate) step(pool *cpu.Pool, factor float64, t int) {
	u.factor = factor
	pool.Run(len(u.pieces), u)
	for i := range u.adam {
		a := &u.adam[i]
		a.op.Rate[0], a.op.Step[0] = float32(a.rate*factor), float32(t)
		a.op.Run(pool)
	}
}

// Do makes SGD's step of a piece of a weight: m = 0.9·m + g, w = w − rate·m.
func (u *probeUpdate) Do(_, i int) {
	p := u.pieces[i]
	x := &u.sgd[p.weight]
	w, g, m := x.w[p.from:p.to], x.g[p.from:p.to], x.m[p.from:p.to]
	rate := float32(x.rate * u.factor)
	g, m = g[:len(w)], m[:len(w)]
	for j, d := range g {
		v := float32(sgdMomentum*m[j]) + d
		m[j] = v
		w[j] -= float32(rate * v)
	}
}
