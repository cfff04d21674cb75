package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// ResizedCrossEntropyWithGrad is a ResizedCrossEntropy and its gradient in one pass over the pixels: from
// the inputs of the gradient, the gradient, flat, and after it the loss. Compile makes it of the two.
type ResizedCrossEntropyWithGrad struct {
	noDiff
	noProducts
	Of ResizedCrossEntropy
}

func (k ResizedCrossEntropyWithGrad) String() string { return k.Of.String() + " with its gradient" }

func (k ResizedCrossEntropyWithGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	s, err := (LossGrad[ResizedCrossEntropy]{Of: k.Of}).Shape(in)
	if err != nil {
		return nil, err
	}
	return tensor.Shape{s.TotalSize() + 1}, nil
}

// Elements is that of the loss.
func (k ResizedCrossEntropyWithGrad) Elements(in []tensor.Shape) int { return k.Of.Elements(in) }

// Cut is the elements of its input from From on, as a tensor of shape Out.
type Cut struct {
	noDiff
	noProducts
	From int
	Out  tensor.Shape
}

func (k Cut) String() string { return fmt.Sprintf("Cut{%d:,%v}", k.From, k.Out) }

func (k Cut) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0); err != nil {
		return nil, err
	}
	if k.From < 0 || k.From+k.Out.TotalSize() > in[0].TotalSize() {
		return nil, fmt.Errorf("input is %v, want %d elements", in[0], k.From+k.Out.TotalSize())
	}
	return k.Out.Clone(), nil
}

// lossesWithGrads joins losses with their gradients where one operation computes both: most of their time
// is that of the exps of the resized logits.
func (p *Program) lossesWithGrads() error {
	maker := map[*Value]*Instruction{}
	for _, i := range p.instrs {
		maker[i.out] = i
	}
	var joined []*Instruction
	for _, grad := range p.instrs {
		k, ok := grad.op.(LossGrad[ResizedCrossEntropy])
		if !ok {
			continue
		}
		if loss := p.lossOf(grad, k.Of); loss != nil && !reads(grad.in[len(grad.in)-1], loss, maker, map[*Value]bool{}) {
			if both := p.join(loss, grad, ResizedCrossEntropyWithGrad{Of: k.Of}); both != nil {
				joined = append(joined, both)
			}
		}
	}
	if joined == nil {
		return nil
	}
	p.instrs = append(joined, p.instrs...)
	return p.schedule()
}

// lossOf is the instruction of the loss k that grad is the gradient of, nil if the program has none.
func (p *Program) lossOf(grad *Instruction, k ResizedCrossEntropy) *Instruction {
	for _, i := range p.instrs {
		if i.op == Operation(k) && slices.Equal(i.in, grad.in[:len(grad.in)-1]) {
			return i
		}
	}
	return nil
}

// reads reports whether v is computed of what i makes. seen are those that are not.
func reads(v *Value, i *Instruction, maker map[*Value]*Instruction, seen map[*Value]bool) bool {
	m := maker[v]
	if m == nil || seen[v] {
		return false
	}
	seen[v] = true
	return m == i || slices.ContainsFunc(m.in, func(in *Value) bool { return reads(in, i, maker, seen) })
}

// join makes cuts of the loss and the gradient: of what k computes in one instruction. It returns nil
// if the device does not implement it.
func (p *Program) join(loss, grad *Instruction, k ResizedCrossEntropyWithGrad) *Instruction {
	n := grad.out.shape.TotalSize()
	both := &Instruction{path: grad.path, op: k, in: grad.in, out: &Value{shape: tensor.Shape{n + 1}, dtype: grad.out.dtype}, derivative: true}
	if !p.device.Implements(k, both.out.dtype) || !p.device.Implements(Cut{}, both.out.dtype) {
		return nil
	}
	grad.op, grad.in = Cut{Out: grad.out.shape}, []*Value{both.out}
	loss.op, loss.in = Cut{From: n, Out: tensor.Shape{1}}, []*Value{both.out}
	loss.derivative = true // it comes with the gradient
	return both
}
