package layers

import "cradio/graph"

// BatchNorm normalises each channel over all rows of a batch. In training by the statistics of the
// batch, at inference by running ones.
type BatchNorm struct {
	Weight, Bias *graph.Weight // (C), or nil
	Mean, Var    *graph.Weight // (C), running statistics: buffers, which no optimiser changes
	Eps          float64
	Momentum     float64 // of the running statistics; PyTorch's default is 0.1
}

// NewBatchNorm loads running_mean and running_var, and with affine weight and bias.
func NewBatchNorm(w *Weights, dim int, affine bool, eps, momentum float64) *BatchNorm {
	n := &BatchNorm{Mean: w.Tensor("running_mean", dim), Var: w.Tensor("running_var", dim), Eps: eps, Momentum: momentum}
	if affine {
		n.Weight, n.Bias = w.Tensor("weight", dim), w.Tensor("bias", dim)
	}
	return n
}

// Train normalises x (…, C) by its own statistics. updates write the running statistics: they must
// be outputs of the program. A nil BatchNorm returns x.
func (n *BatchNorm) Train(g *graph.Builder, x *graph.Node) (y *graph.Node, updates []*graph.Node) {
	if n == nil {
		return x, nil
	}
	shape := g.Shape(x)
	if shape == nil {
		return nil, nil
	}
	rows := shape.TotalSize() / shape[len(shape)-1]
	if rows < 2 {
		g.Fail("BatchNorm of one row, %v, has no variance: give more rows in a batch", shape)
		return nil, nil
	}
	running := g.At("running").Running(g.Weight(n.Mean), g.Weight(n.Var), x, graph.Running{Momentum: n.Momentum})
	weight, bias := n.affine(g)
	return g.BatchNorm(x, weight, bias, n.Eps), []*graph.Node{running}
}

// Forward normalises x (…, C) by the running statistics. A nil BatchNorm returns x.
func (n *BatchNorm) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	if n == nil {
		return x
	}
	weight, bias := n.affine(g)
	return g.BatchNormInference(x, g.Weight(n.Mean), g.Weight(n.Var), weight, bias, n.Eps)
}

// Linear is l after Forward, as one Linear: x (…, C) to (…, Out). Its weight and bias are computed
// once, unless they may change.
func (n *BatchNorm) Linear(g *graph.Builder, l *Linear, x *graph.Node) *graph.Node {
	if n == nil || l.LoRA != nil {
		return l.Forward(g, n.Forward(g.At("norm"), x))
	}
	weight, bias := n.affine(g)
	folded, shift := g.At("folded").FoldNorm(g.Weight(l.Weight), l.bias(g), graph.NormNodes{
		Mean: g.Weight(n.Mean), Var: g.Weight(n.Var), Weight: weight, Bias: bias,
	}, n.Eps)
	return g.Linear(x, folded, shift)
}

func (n *BatchNorm) affine(g *graph.Builder) (weight, bias *graph.Node) {
	if n.Weight == nil {
		return nil, nil
	}
	return g.Weight(n.Weight), g.Weight(n.Bias)
}
