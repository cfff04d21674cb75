package lora

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"cradio/graph"
	"cradio/layers"
	"cradio/radio/lora/internal/peft"

	"gorgonia.org/tensor"
)

// Config says which Linears have an adapter, and of what size: what matters of PEFT's
// adapter_config.json.
type Config = peft.Config

// Adapter is a set of low-rank adapters, one for each of some Linears of a backbone.
type Adapter struct {
	config  Config
	from    string
	dtype   tensor.Dtype
	modules []string // in the order of their names
	pairs   map[string]*pair
}

// pair is the two factors of one Linear.
type pair struct{ a, b *graph.Weight } // (r, In), (Out, r)

// New makes adapters for the Linears that a Config covers: A is uniform in ±1/√In, as PEFT draws it, and
// B is zero, so that the outputs are those of the backbone at first.
func New(linears map[string]*layers.Linear, c Config, seed uint64) (*Adapter, error) {
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("LoRA: %w", err)
	}
	a := &Adapter{config: c, dtype: tensor.Float32, pairs: map[string]*pair{}}
	rng := rand.New(rand.NewPCG(seed, 0x6c6f7261)) // "lora"
	for _, module := range sortedNames(linears) {
		if !c.Covers(module) {
			continue
		}
		shape := linears[module].Weight.Shape()
		out, in := shape[0], shape[1]
		a.dtype = linears[module].Weight.Dtype()
		first := make([]float32, c.Rank*in)
		for i := range first {
			first[i] = float32((2*rng.Float64() - 1) / math.Sqrt(float64(in)))
		}
		a.add(module, first, make([]float32, out*c.Rank), in, out)
	}
	if err := a.checkTargets(linears); err != nil {
		return nil, fmt.Errorf("LoRA: %w", err)
	}
	return a, nil
}

// add adds the factors of one Linear, and owns their memory.
func (a *Adapter) add(module string, first, second []float32, in, out int) {
	r := a.config.Rank
	a.modules = append(a.modules, module)
	a.pairs[module] = &pair{
		graph.NewWeight(module+".lora_A.weight", dense(a.dtype, first, r, in)),
		graph.NewWeight(module+".lora_B.weight", dense(a.dtype, second, out, r)),
	}
}

// dense is a tensor of a type.
func dense(dt tensor.Dtype, data []float32, shape ...int) *tensor.Dense {
	if dt != tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(doubles(data)))
}

func doubles(data []float32) []float64 {
	all := make([]float64, len(data))
	for i, v := range data {
		all[i] = float64(v)
	}
	return all
}

// singles are the elements of a factor in float32.
func singles(d *tensor.Dense) []float32 {
	if d.Dtype() != tensor.Float64 {
		return d.Float32s()
	}
	all := make([]float32, d.DataSize())
	for i, v := range d.Float64s() {
		all[i] = float32(v)
	}
	return all
}

// as brings the factors to the type of a model that computes in another one.
func (a *Adapter) as(dt tensor.Dtype) error {
	if a.dtype == dt {
		return nil
	}
	for _, p := range a.pairs {
		for _, w := range []**graph.Weight{&p.a, &p.b} {
			v, err := (*w).Value()
			if err != nil {
				return err
			}
			*w = graph.NewWeight((*w).Name, dense(dt, singles(v), v.Shape()...))
		}
	}
	a.dtype = dt
	return nil
}

// checkTargets refuses targets that name no Linear: most probably a misspelling.
func (a *Adapter) checkTargets(linears map[string]*layers.Linear) error {
	names := sortedNames(linears)
	for _, t := range a.config.Targets {
		one := Config{Targets: []string{t}}
		if !slices.ContainsFunc(names, one.Covers) {
			return fmt.Errorf("target_modules: %q is the end of no Linear's name; there are qkv, proj, fc1 and fc2 of each block, such as %s", t, names[0])
		}
	}
	for _, b := range a.config.Blocks {
		if !slices.ContainsFunc(names, func(n string) bool { return peft.BlockOf(n) == b }) {
			return fmt.Errorf("layers_to_transform: block %d does not exist", b)
		}
	}
	if len(a.modules) == 0 {
		return fmt.Errorf("no Linear has an adapter: check target_modules and layers_to_transform")
	}
	return nil
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Config is that of the adapter.
func (a *Adapter) Config() Config { return a.config }

// Modules lists the Linears that have an adapter.
func (a *Adapter) Modules() []string { return slices.Clone(a.modules) }

// String names the adapter in messages.
func (a *Adapter) String() string {
	if a.from != "" {
		return "adapter " + a.from
	}
	return "adapter"
}

// Trainable lists the factors, A and B of each module.
func (a *Adapter) Trainable() (list []*graph.Weight) {
	for _, m := range a.modules {
		list = append(list, a.pairs[m].a, a.pairs[m].b)
	}
	return list
}

// Params is the number of the factors' elements.
func (a *Adapter) Params() (n int) {
	for _, w := range a.Trainable() {
		n += w.Shape().TotalSize()
	}
	return n
}

// Attach adds the adapter to Linears, for training and for outputs that are not merged. The weights of
// the Linears stay as they are. Attach it before the network is used.
func (a *Adapter) Attach(linears map[string]*layers.Linear) error {
	for _, l := range linears {
		if err := a.as(l.Weight.Dtype()); err != nil {
			return err
		}
	}
	return a.each(linears, func(l *layers.Linear, p *pair) error {
		if l.LoRA != nil {
			return fmt.Errorf("has an adapter already: merge or detach that one first")
		}
		l.LoRA = &layers.LoRA{A: p.a, B: p.b, Scale: a.config.Scale()}
		return nil
	})
}

// Detach removes adapters from Linears.
func Detach(linears map[string]*layers.Linear) {
	for _, l := range linears {
		l.LoRA = nil
	}
}

// each calls f for every Linear that has an adapter, once all of them are there and of its sizes.
func (a *Adapter) each(linears map[string]*layers.Linear, f func(l *layers.Linear, p *pair) error) error {
	for _, m := range a.modules {
		l, p := linears[m], a.pairs[m]
		if l == nil {
			near := ""
			if names := sortedNames(linears); len(names) > 0 {
				near = ", such as " + names[0]
			}
			return fmt.Errorf("%s: the model has no module %s; it has %d%s: is the adapter for another model?", a, m, len(linears), near)
		}
		want := tensor.Shape{l.Weight.Shape()[0], l.Weight.Shape()[1]}
		if found := (tensor.Shape{p.b.Shape()[0], p.a.Shape()[1]}); !found.Eq(want) {
			return fmt.Errorf("%s: %s is for a weight of %v, that of the model is %v: the adapter is for another model", a, m, found, want)
		}
	}
	for _, m := range sortedNames(linears) {
		if a.pairs[m] == nil && a.config.Covers(m) {
			return fmt.Errorf("%s: has no factors for %s, which its target_modules name: the file is not complete", a, m)
		}
	}
	for _, m := range a.modules {
		if err := f(linears[m], a.pairs[m]); err != nil {
			return fmt.Errorf("%s: %s %w", a, m, err)
		}
	}
	return nil
}

// Sum identifies what the adapter computes: the SHA-256 of its scale, names and values.
func (a *Adapter) Sum() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "scale %v\n", a.config.Scale())
	for _, w := range a.Trainable() {
		v, err := w.Value()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %v\n", strings.TrimSpace(w.Name), v.Shape())
		if err := floats(v)(h); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
