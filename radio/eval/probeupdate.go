package eval

import (
	"math"

	"cradio/cpu"
)

// probeUpdate is the step of the optimiser for all weights of a probe.
type probeUpdate struct {
	weights []probeWeight
	pieces  []probePiece

	opt     *ProbeOptions
	factor  float64
	correct [2]float64 // of AdamW's moments: 1 − βᵗ
}

// probeWeight is a weight with its gradient, and what the optimiser remembers of it.
type probeWeight struct {
	w, g, m, v []float32
	rate       float64
	decay      bool
}

// probePiece is some elements of a weight.
type probePiece struct{ weight, from, to int }

// What PyTorch takes by default, and DINOv2.
const (
	probeMomentum = 0.9
	adamBeta1     = 0.9
	adamBeta2     = 0.999
	adamEpsilon   = 1e-8

	updatePiece = 1 << 13
)

func (u *probeUpdate) add(w, g []float32, rate float64, decay, adamW bool) {
	p := probeWeight{w: w, g: g, m: make([]float32, len(w)), rate: rate, decay: decay}
	if adamW {
		p.v = make([]float32, len(w))
	}
	for from := 0; from < len(w); from += updatePiece {
		u.pieces = append(u.pieces, probePiece{len(u.weights), from, min(from+updatePiece, len(w))})
	}
	u.weights = append(u.weights, p)
}

// step changes the weights. t is the number of the step, from 1.
func (u *probeUpdate) step(pool *cpu.Pool, opt *ProbeOptions, factor float64, t int) {
	u.opt, u.factor = opt, factor
	u.correct = [2]float64{1 - math.Pow(adamBeta1, float64(t)), 1 - math.Pow(adamBeta2, float64(t))}
	pool.Run(len(u.pieces), u)
}

// Do changes a piece of a weight.
func (u *probeUpdate) Do(_, i int) {
	p := u.pieces[i]
	x := &u.weights[p.weight]
	w, g, m := x.w[p.from:p.to], x.g[p.from:p.to], x.m[p.from:p.to]
	rate := x.rate * u.factor
	if x.v == nil {
		momentum(w, g, m, float32(rate))
		return
	}
	keep := 1.0
	if x.decay {
		keep = 1 - rate*u.opt.Decay
	}
	adamW(w, g, m, x.v[p.from:p.to], float32(keep), float32(rate/u.correct[0]), float32(1/math.Sqrt(u.correct[1])))
}

// momentum is SGD's step: m = 0.9·m + g, w = w − rate·m.
func momentum(w, g, m []float32, rate float32) {
	g, m = g[:len(w)], m[:len(w)]
	for i, d := range g {
		v := float32(probeMomentum*m[i]) + d
		m[i] = v
		w[i] -= float32(rate * v)
	}
}

// adamW is the step of Adam with decoupled decay: root is 1/√(1 − β2ᵗ), and rate is over 1 − β1ᵗ.
func adamW(w, g, m, v []float32, keep, rate, root float32) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	for i, d := range g {
		a := float32(adamBeta1*m[i]) + float32((1-adamBeta1)*d)
		b := float32(adamBeta2*v[i]) + float32((1-adamBeta2)*float32(d*d))
		m[i], v[i] = a, b
		w[i] = float32(w[i]*keep) - float32(rate*a)/(float32(root*float32(math.Sqrt(float64(b))))+adamEpsilon)
	}
}
