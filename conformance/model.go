package conformance

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"

	"cradio/loader"
	"cradio/radio"
)

// cachedModel is the last model. Successive bundles often have the same model.
type cachedModel struct {
	*radio.Model
	config []byte
	seed   string
	opt    modelOptions
}

// modelOptions are the options that may differ between models of one bundle.
type modelOptions struct{ noFusion bool }

// model returns the model of a bundle. It reuses the last model if possible.
func (r *run) model(b *Bundle, opt modelOptions) (*radio.Model, error) {
	options, err := r.options(b, opt)
	if err != nil {
		return nil, err
	}
	if b.checkpoint != "" {
		return r.keep([]byte(b.checkpoint), "", opt, func() (*radio.Model, error) { return r.open(b.checkpoint, b, r.opt.DType) })
	}
	if path := r.opt.Model; path != "" {
		return r.keep(fmt.Appendf(nil, "%s %v", path, *options.AlignCorners), "", opt, func() (*radio.Model, error) { return radio.Open(r.ctx, path, options) })
	}
	key := slices.Concat(b.facts.Config, fmt.Appendf(nil, "%v %v", *options.AlignCorners, options.ViTDet))
	return r.keep(key, b.facts.Seed, opt, func() (*radio.Model, error) {
		return radio.New(b.model, loader.NewSynthetic(b.facts.Seed), options)
	})
}

// keep returns the last model if it is the same. Otherwise it makes a new one and replaces it.
func (r *run) keep(config []byte, seed string, opt modelOptions, make func() (*radio.Model, error)) (*radio.Model, error) {
	if c := r.cached; c != nil && bytes.Equal(c.config, config) && c.seed == seed && c.opt == opt {
		return c.Model, nil
	}
	r.closeModel()
	m, err := make()
	if err != nil {
		return nil, err
	}
	r.cached = &cachedModel{m, config, seed, opt}
	return m, nil
}

func (r *run) closeModel() {
	if r.cached != nil {
		r.cached.Close()
		r.cached = nil
	}
}

func (r *run) options(b *Bundle, opt modelOptions) (radio.Options, error) {
	align := b.alignCorners()
	if r.opt.AlignCorners != nil {
		align = *r.opt.AlignCorners
	}
	o := radio.Options{
		Device: r.opt.device(), DType: r.opt.DType, Threads: r.opt.Threads, Small: r.opt.Small, AlignCorners: &align, NoFusion: opt.noFusion,
		Log: slog.New(slog.DiscardHandler),
	}
	if v := b.facts.ViTDet; v != nil {
		if v.Window < 1 || v.Period < 2 {
			return o, fmt.Errorf("vitdet is %+v, want a window of at least 1 and a period of at least 2", *v)
		}
		o.ViTDet = radio.ViTDet{Window: v.Window, NumWindowed: v.Period - 1}
	}
	return o, nil
}
