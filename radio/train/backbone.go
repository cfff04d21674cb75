package train

import (
	"context"
	"fmt"
	"path/filepath"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/head"
	"cradio/radio/lora"
)

// LoRA are the adapters of a recipe.
type LoRA struct {
	Rank    int      `json:"rank"`
	Alpha   float64  `json:"alpha"`
	Targets []string `json:"targets,omitempty"` // see lora.Config
}

// Folders of the changed backbone in that of a run.
const (
	ModelFolder   = "model"
	AdapterFolder = "adapter"
)

// tuning is what of the backbone is trained.
func (r *Recipe) tuning(depth int) radio.Tuning {
	t := radio.Tuning{Blocks: r.Blocks, Embeddings: r.Blocks == AllBlocks}
	if r.DropPath > 0 {
		t.DropPath = radio.LinearDropPath(depth, r.DropPath)
	}
	return t
}

// recomputed are the scopes of the blocks whose activations are computed again: those that gradients
// pass through.
func (r *Recipe) recomputed(depth int) (scopes []string) {
	if !r.Recompute {
		return nil
	}
	first := 0 // with adapters in all blocks, or all blocks
	if r.Blocks > 0 {
		first = depth - r.Blocks
	}
	for i := first; i < depth; i++ {
		scopes = append(scopes, fmt.Sprintf("blocks.%d", i))
	}
	return scopes
}

// backbone makes weights of the backbone trainable.
func (b *builder) backbone(seed uint64) (Backbone, error) {
	c, n := b.m.Config(), b.m.Network()
	before, err := b.m.Fingerprint(b.ctx)
	if err != nil {
		return Backbone{}, err
	}
	var adapter *lora.Adapter
	if l := b.r.LoRA; l != nil {
		config := lora.Config{Rank: l.Rank, Alpha: l.Alpha, Targets: l.Targets, Base: b.m.Source()}
		if adapter, err = lora.New(n.Linears(), config, seed); err != nil {
			return Backbone{}, err
		}
		if err := adapter.Attach(n.Linears()); err != nil {
			return Backbone{}, err
		}
	}
	tuned, err := n.Tuned(b.r.tuning(c.Depth))
	if err != nil {
		return Backbone{}, err
	}
	out := Backbone{Depth: c.Depth}
	for _, w := range tuned {
		out.Weights = append(out.Weights, w.Weight)
	}
	out.Export = func(ctx context.Context, dir string, h *head.Head) error {
		return b.saveModel(ctx, filepath.Join(dir, ModelFolder), h)
	}
	if adapter != nil {
		out.Export = func(_ context.Context, dir string, h *head.Head) error {
			if err := adapter.Save(filepath.Join(dir, AdapterFolder)); err != nil {
				return err
			}
			now := before
			if now.Adapter, err = adapter.Sum(); err != nil {
				return err
			}
			return h.Describe(func(s *head.Spec) { s.Backbone = &head.Backbone{Name: b.name(), Fingerprint: now} })
		}
	}
	return out, nil
}

// forward adds the backbone to a graph; see Pictures.
func (b *builder) forward(g *graph.Builder, pixels *graph.Node, sources []radio.Source, training bool) (*Built, error) {
	n := b.m.Network()
	t := radio.Tuning{}
	if training {
		t = b.r.tuning(n.Config.Depth)
	}
	y := n.Train(g, pixels, b.r.Size[0], b.r.Size[1], t, sources)
	if err := g.Err(); err != nil {
		return nil, err
	}
	out := &Built{Sources: y.Sources, Grid: radio.Grid{Rows: y.Rows, Cols: y.Cols}}
	for _, p := range y.Paths {
		branch := "attn"
		if p.MLP {
			branch = "mlp"
		}
		out.Masks = append(out.Masks, Mask{Node: p.Node, Name: fmt.Sprintf("blocks.%d.%s", p.Block, branch), Drop: p.Drop})
	}
	return out, nil
}

// saveModel writes the model with its changed weights as a checkpoint, and tells the head that it is
// for that one.
func (b *builder) saveModel(ctx context.Context, dir string, h *head.Head) error {
	if err := b.m.Save(ctx, dir, radio.SaveOptions{}); err != nil {
		return err
	}
	saved, err := radio.Open(ctx, dir, radio.Options{NoPack: true})
	if err != nil {
		return err
	}
	var wrong error
	err = h.Describe(func(s *head.Spec) { wrong = s.Trained(ctx, saved) })
	if wrong != nil {
		err = wrong
	}
	if closed := saved.Close(); err == nil {
		err = closed
	}
	return err
}
