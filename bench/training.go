package bench

import (
	"context"
	"fmt"
	"time"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/optim"

	"gorgonia.org/tensor"
)

// training is a step of training: forward and backward pass, and the update of a linear
// classifier on the summary and of some blocks of the model, by AdamW.
type training struct {
	machine graph.Machine
	program *graph.Program
	update  *optim.Update
	pixels  *graph.Node
	labels  *graph.Node
	seed    *graph.Node
	loss    *graph.Node
	images  []float32
	steps   int
}

// What is trained, as in peers/training.py. The rate is small, so that the weights of many
// steps stay close to those of the first.
const (
	trainClasses = 100
	trainRate    = 1e-6
)

// trainLabel is the class of an image of the batch.
func trainLabel(i int) float32 { return float32(i * 7 % trainClasses) }

// newTraining compiles a step. The model has to be fresh: its weights change. The caller
// closes it.
func newTraining(m *radio.Model, c Case) (_ *training, err error) {
	if _, ok := precisions[c.DType]; !ok {
		return nil, fmt.Errorf("nothing is trained in %s", c.DType)
	}
	n, depth := m.Network(), m.Config().Depth
	t := radio.Tuning{Blocks: c.Train.Blocks(depth), Embeddings: c.Train.Blocks(depth) == depth}
	tuned, err := n.Tuned(t)
	if err != nil {
		return nil, err
	}
	g := graph.New(tensor.Float32).Lazy()
	s := &training{pixels: g.Input("pixels", c.Batch, 3, c.Size, c.Size), labels: g.Input("labels", c.Batch), images: Pixels(c.Batch, c.Size)}
	summary := n.Train(g, s.pixels, c.Size, c.Size, t, []radio.Source{radio.SummarySource}).Sources[radio.SummarySource]
	if err := g.Err(); err != nil {
		return nil, err
	}
	head := trainHead(g.Shape(summary)[1])
	weights := head
	for _, w := range tuned {
		weights = append(weights, w.Weight)
	}
	s.loss = g.At("loss").CrossEntropy(g.At("head").Linear(summary, g.Weight(head[0]), g.Weight(head[1])), s.labels, nil, graph.CrossEntropy{})
	s.seed = g.Input("loss seed", g.Shape(s.loss)...)
	opt, err := optim.New(optim.Options{Rate: trainRate}, weights, depth)
	if err != nil {
		return nil, err
	}
	var wrt []*graph.Node
	for _, w := range weights {
		wrt = append(wrt, g.Weight(w))
	}
	grads, err := g.Backpropagate([]*graph.Node{s.loss}, []*graph.Node{s.seed}, wrt)
	if err != nil {
		return nil, err
	}
	s.update = opt.Step(g, grads)
	target := m.Target()
	target.Consume = true
	if c.Recompute {
		for i := depth - t.Blocks; i < depth; i++ {
			target.Recompute = append(target.Recompute, fmt.Sprintf("blocks.%d", i))
		}
	}
	if s.program, err = g.Compile(target, append([]*graph.Node{s.loss}, s.update.Outputs...)...); err != nil {
		return nil, err
	}
	s.machine, err = graph.NewMachine(s.program)
	return s, err
}

// trainHead are the weights of the classifier, in [-1/32, 1/32), and its biases, 0.
func trainHead(width int) []*graph.Weight {
	w := values(trainClasses * width)
	for i, v := range w {
		w[i] = (v - 0.5) / 16
	}
	return []*graph.Weight{
		graph.NewWeight("head.weight", tensor.New(tensor.WithShape(trainClasses, width), tensor.WithBacking(w))),
		graph.NewWeight("head.bias", tensor.New(tensor.WithShape(trainClasses), tensor.WithBacking(make([]float32, trainClasses)))),
	}
}

// answer is what is compared: the losses of two steps. The second tells that the first has
// changed the weights.
func (s *training) answer(ctx context.Context) ([][]float32, error) {
	var losses []float32
	for range 2 {
		if _, err := s.run(ctx, 1); err != nil {
			return nil, err
		}
		v, err := s.machine.Value(s.loss)
		if err != nil {
			return nil, err
		}
		losses = append(losses, v.Float32s()[0])
	}
	return [][]float32{losses}, nil
}

// fill sets the inputs of the next step.
func (s *training) fill() error {
	copy(s.machine.Input(s.pixels).Float32s(), s.images)
	labels := s.machine.Input(s.labels).Float32s()
	for i := range labels {
		labels[i] = trainLabel(i)
	}
	if seed := s.machine.Input(s.seed); seed != nil {
		seed.Float32s()[0] = 1
	}
	return s.update.Set(s.machine, s.steps, 0)
}

// run makes n steps.
func (s *training) run(ctx context.Context, n int) (took time.Duration, err error) {
	for range n {
		start := time.Now()
		if err := s.fill(); err != nil {
			return 0, err
		}
		if err := s.machine.Run(ctx); err != nil {
			return 0, err
		}
		took += time.Since(start)
		s.steps++
	}
	return took, nil
}

func (s *training) close() {
	if s.machine != nil {
		s.machine.Close()
	}
}
