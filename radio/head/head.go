package head

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"cradio/graph"
	"cradio/layers"
	"cradio/radio"
	"cradio/radio/head/internal/spec"

	"gorgonia.org/tensor"
)

// Head is a head with its weights. Graphs of any number may use it at once; training writes its
// weights in place.
type Head struct {
	spec   Spec
	from   string // the folder it was loaded from
	params []spec.Param
	dtype  tensor.Dtype

	weights []*graph.Weight // one for each of params
	net     module
	batches int64 // num_batches_tracked of its norms

	mu      sync.Mutex
	doubles *Head // the same in float64; see In
}

// New makes a head with first values from a seed: of a linear probe N(0, 0.01²) and bias 0, of hidden
// layers PyTorch's defaults, of norms 1 and 0. A seed gives the same head on every machine.
func New(description Spec, seed uint64) (*Head, error) {
	if err := cmp.Or(description.Check(), checkSize(&description)); err != nil {
		return nil, fmt.Errorf("%s head: %w", description.Kind, err)
	}
	rng := rand.New(rand.NewPCG(seed, 0x68656164)) // "head"
	params := description.Params()
	data := make([][]float32, len(params))
	for i, p := range params {
		data[i] = p.Draw(rng)
	}
	return newHead(description, params, data)
}

// newHead makes a head of values, one slice for each of params, which it owns.
func newHead(description Spec, params []spec.Param, data [][]float32) (*Head, error) {
	weights := make([]*graph.Weight, len(params))
	for i, p := range params {
		weights[i] = graph.NewWeight(p.Name, tensor.New(tensor.WithShape(p.Flat()...), tensor.WithBacking(data[i])))
	}
	return assemble(description, params, weights, tensor.Float32)
}

func assemble(description Spec, params []spec.Param, weights []*graph.Weight, dt tensor.Dtype) (*Head, error) {
	h := &Head{spec: description.Clone(), params: params, weights: weights, dtype: dt}
	w := layers.OfWeights(weights...)
	h.net = newModule(w, &h.spec)
	if errs := w.Errs(); len(errs) > 0 {
		return nil, fmt.Errorf("%s head: %w", description.Kind, errs[0])
	}
	return h, nil
}

// Spec describes the head. It is a copy.
func (h *Head) Spec() Spec { return h.spec.Clone() }

// Describe changes what the description says beside the architecture: labels, picture, backbone,
// metrics.
func (h *Head) Describe(change func(s *Spec)) error {
	s := h.spec.Clone()
	change(&s)
	if err := cmp.Or(s.Check(), checkSize(&s)); err != nil {
		return fmt.Errorf("%s: %w", h, err)
	}
	if !slices.EqualFunc(s.Params(), h.params, func(a, b spec.Param) bool { return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) }) {
		return fmt.Errorf("%s: the architecture of a head does not change; make a new one", h)
	}
	h.spec = s
	return nil
}

// String names the head in messages.
func (h *Head) String() string {
	if h.from != "" {
		return fmt.Sprintf("%s head %s", h.spec.Kind, h.from)
	}
	return fmt.Sprintf("%s head", h.spec.Kind)
}

// Sources lists what the head reads from the backbone.
func (h *Head) Sources() []radio.Source { return slices.Clone(h.spec.Input) }

// Trainable lists the weights that an optimiser changes, named as in the torch.nn.Module.
func (h *Head) Trainable() []*graph.Weight { return h.list(false) }

// Buffers lists the running statistics, which training writes, but no optimiser changes.
func (h *Head) Buffers() []*graph.Weight { return h.list(true) }

func (h *Head) list(buffers bool) (list []*graph.Weight) {
	for i, p := range h.params {
		if p.Buffer == buffers {
			list = append(list, h.weights[i])
		}
	}
	return list
}

// Weight is the weight of a name, nil if there is none.
func (h *Head) Weight(name string) *graph.Weight {
	for i, p := range h.params {
		if p.Name == name {
			return h.weights[i]
		}
	}
	return nil
}

// CountBatches adds to num_batches_tracked of the head's norms, which PyTorch counts.
func (h *Head) CountBatches(n int64) { h.batches += n }

// Standardise sets fixed statistics of the input: the mean and the variance of each channel.
func (h *Head) Standardise(mean, variance []float32) error {
	if h.spec.Norm == nil || !h.spec.Norm.Fixed {
		return fmt.Errorf("%s: its norm is not fixed: set Norm.Fixed", h)
	}
	for _, s := range []struct {
		suffix string
		values []float32
	}{{".running_mean", mean}, {".running_var", variance}} {
		for i, p := range h.params {
			if !strings.HasSuffix(p.Name, s.suffix) {
				continue
			}
			if len(s.values) != p.Size() {
				return fmt.Errorf("%s: %s has %d elements, found %d", h, p.Name, p.Size(), len(s.values))
			}
			d, err := h.weights[i].Value()
			if err != nil {
				return err
			}
			copy(d.Float32s(), s.values)
			h.weights[i].Changed()
		}
	}
	return nil
}

// In is the head in another element type: itself, or a copy in float64, made once, for models that
// compute in float64.
func (h *Head) In(dt tensor.Dtype) (*Head, error) {
	if h.dtype == dt {
		return h, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.doubles == nil {
		weights := make([]*graph.Weight, len(h.weights))
		for i, w := range h.weights {
			v, err := w.Value()
			if err != nil {
				return nil, err
			}
			data := make([]float64, v.DataSize())
			for j, x := range v.Float32s() {
				data[j] = float64(x)
			}
			weights[i] = graph.NewWeight(w.Name, tensor.New(tensor.WithShape(w.Shape()...), tensor.WithBacking(data)))
		}
		var err error
		if h.doubles, err = assemble(h.spec, h.params, weights, tensor.Float64); err != nil {
			return nil, err
		}
	}
	return h.doubles, nil
}
