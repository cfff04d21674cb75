package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/text"

	"gorgonia.org/tensor"
)

// runTower compares every recorded tensor of a tower, and what Encode gives: there the weights are
// packed, and texts that are causal run to their ends alone.
func runTower(c *textCase) error {
	config, ids, err := c.tower()
	if err != nil {
		return err
	}
	large := group(c.name()) == "full"
	if large && config.Parameters() > largeParams && !c.opt.Large {
		return fmt.Errorf("%w: a tower of %.0f M parameters; --full runs it", errNotRun, float64(config.Parameters())/1e6)
	}
	if large && c.tape() {
		return fmt.Errorf("%w: full-size towers run on the device alone", errNotRun)
	}
	seed, err := c.seed()
	if err != nil {
		return err
	}
	tower, err := text.Synthetic(config, nil, text.Options{Seed: seed, Threads: c.opt.Threads, DType: c.opt.DType})
	if err != nil {
		return err
	}
	defer tower.Close()
	if err := c.taps(tower, ids); err != nil || c.way.name != "" {
		return err
	}
	return c.encoded(tower, ids)
}

// tower reads the architecture and the ids (N, T) of a bundle.
func (c *textCase) tower() (*text.Config, [][]int32, error) {
	config, err := text.ParseConfig([]byte(`{"model_cfg":` + c.Metadata()["model_cfg"] + `}`))
	if err != nil {
		return nil, nil, fmt.Errorf("metadata model_cfg: %w", err)
	}
	if n := config.Parameters(); n > maxParams {
		return nil, nil, fmt.Errorf("metadata model_cfg describes a tower with %.3g parameters, want at most %.3g", float64(n), maxParams)
	}
	info, _ := c.Lookup("ids")
	if len(info.Shape) != 2 || info.Shape[1] != config.Context {
		return nil, nil, fmt.Errorf("ids are %v, want (N, %d)", info.Shape, config.Context)
	}
	all, err := c.Int64("ids", info.Shape...)
	if err != nil {
		return nil, nil, err
	}
	var ids [][]int32
	for row := range slices.Chunk(all, config.Context) {
		list := make([]int32, len(row))
		for i, id := range row {
			list[i] = int32(id)
		}
		ids = append(ids, list)
	}
	return config, ids, nil
}

// seed is that of the synthetic weights.
func (c *textCase) seed() (seed string, err error) {
	err = json.Unmarshal([]byte(c.Metadata()["seed"]), &seed)
	return seed, err
}

// taps runs all positions of a tower, and compares every recorded tensor.
func (c *textCase) taps(tower *text.Tower, ids [][]int32) error {
	g := graph.New(tensor.Float32)
	if !c.tape() {
		g = g.Lazy()
	}
	n, length := len(ids), len(ids[0])
	x, positions, ends := g.Input("ids", n, length), g.Input("positions", length), g.Input("ends", n)
	tower.Forward(g, x, positions, ends)
	nodes := map[string]*graph.Node{}
	var out []*graph.Node
	for _, name := range c.names(truthPrefix) {
		node, err := g.Node(name)
		if err != nil {
			return err
		}
		nodes[name], out = node, append(out, node)
	}
	in := tensors{x: zeros(n, length), positions: zeros(length), ends: zeros(n)}
	for row, list := range ids {
		for at, id := range list {
			in[x].Float32s()[row*length+at] = float32(id)
			in[positions].Float32s()[at] = float32(at)
		}
		in[ends].Float32s()[row] = float32(row*length + tower.Config().ReadAt(list))
	}
	values, err := c.machine.evaluate(c.ctx, g, in, out)
	if err != nil {
		return err
	}
	for name, node := range nodes {
		kept, err := c.kept(name, values[node])
		if err != nil {
			return err
		}
		c.compare(name, kept)
	}
	return nil
}

// kept are the positions of a tensor (N, T, D) that a bundle of a full-size tower has.
func (c *textCase) kept(name string, x *tensor.Dense) (*tensor.Dense, error) {
	raw, ok := c.Metadata()["positions"]
	if !ok || !isBlock(name) {
		return x, nil
	}
	var at []int
	if err := json.Unmarshal([]byte(raw), &at); err != nil {
		return nil, fmt.Errorf("metadata positions: %w", err)
	}
	s := x.Shape()
	out := zeros(s[0], len(at), s[2])
	for n := range s[0] {
		for i, t := range at {
			if t < 0 || t >= s[1] {
				return nil, fmt.Errorf("metadata positions has %d, want 0 to %d", t, s[1]-1)
			}
			copy(out.Float32s()[(n*len(at)+i)*s[2]:][:s[2]], x.Float32s()[(n*s[1]+t)*s[2]:])
		}
	}
	return out, nil
}

// encoded compares the features that Encode gives.
func (c *textCase) encoded(tower *text.Tower, ids [][]int32) error {
	features, err := tower.EncodeIDs(c.ctx, ids)
	if err != nil {
		return err
	}
	c.compare("features", features)
	return nil
}

func zeros(shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
}

// errUnrecorded is why a case does not run in a precision.
var errUnrecorded = errors.New("PyTorch's error was recorded in float32 alone")

// inFloat32 is errNotRun where a case has errors of float32 alone.
func (c *textCase) inFloat32() error {
	if c.opt.DType == radio.BFloat16 {
		return fmt.Errorf("%w: %w", errNotRun, errUnrecorded)
	}
	return nil
}
