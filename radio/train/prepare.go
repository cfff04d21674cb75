package train

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/head"
	"cradio/radio/image"
)

// builder prepares a run of a recipe.
type builder struct {
	ctx      context.Context
	m        *radio.Model
	r        *Recipe
	h        *head.Head
	progress func(done, total int) // of features; or nil
	done     int
	total    int
	store    *features.Store // of the features, or nil
	plans    bool            // nothing is computed
	skip     func(picture string, err error)
}

// inputs are those of examples: features that are computed now, or pictures for the backbone.
func (b *builder) inputs(list []Example, training bool, seed uint64) (Inputs, error) {
	if !b.r.live() && b.store != nil {
		return b.stored(b.store, list, training, seed)
	}
	if !b.r.live() {
		return b.cached(list)
	}
	p := &Pictures{Forward: b.forward, Skip: b.skip, Loader: &augment.Loader{
		Policy: b.r.Augment, Seed: seed, Processor: b.m.Processor(),
		Mask: b.r.masks(b.h.Spec().Outputs), PerMetre: b.r.PerMetre, Decode: image.DecodeOptions{Orient: b.r.Orient}, DropAlpha: b.r.DropAlpha, FastDecode: b.r.FastDecode,
	}}
	if !training {
		p.Loader.Policy, p.Loader.EmptyBatches = augment.Policy{Size: b.r.Size}, true
	}
	for _, e := range list {
		p.Loader.Samples = append(p.Loader.Samples, augment.Sample{Picture: e.Picture, Mask: e.Mask, Depth: e.Depth})
		p.Sums = append(p.Sums, e.SHA256)
	}
	return p, nil
}

// masks are the options with which masks of so many classes are read.
func (r *Recipe) masks(classes int) data.MaskOptions {
	if !r.Head.Kind.Dense() || r.Head.Kind == head.Depth {
		return data.MaskOptions{}
	}
	return data.MaskOptions{Classes: classes, ZeroIgnored: r.ZeroIgnored, Map: r.ClassMap}
}

// cached computes the features of examples.
func (b *builder) cached(list []Example) (Inputs, error) {
	rows, cols, err := b.grid()
	if err != nil {
		return nil, err
	}
	c := &Cached{Shapes: map[radio.Source][]int{}, Grid: radio.Grid{Rows: rows, Cols: cols}, H: b.r.Size[0], W: b.r.Size[1]}
	config := b.m.Config()
	for _, s := range b.h.Sources() {
		if c.Shapes[s], err = s.Shape(&config, rows, cols); err != nil {
			return nil, err
		}
	}
	for _, e := range list {
		c.Names, c.Sums = append(c.Names, e.Picture), append(c.Sums, e.SHA256)
	}
	var computed []map[radio.Source][]float32
	if !b.plans {
		if computed, err = b.compute(list); err != nil {
			return nil, err
		}
	}
	c.Copy = func(to []float32, sample, _ int, s radio.Source) error {
		copy(to, computed[sample][s])
		return nil
	}
	if b.r.Head.Kind.Dense() {
		c.Dense = b.dense(list, nil)
	}
	return c, nil
}

// grid is that of the patches.
func (b *builder) grid() (rows, cols int, err error) {
	c := b.m.Config()
	return b.r.Size[0] / c.Patch, b.r.Size[1] / c.Patch, c.CheckSize(b.r.Size[0], b.r.Size[1])
}

// compute computes the sources of the head for each example.
func (b *builder) compute(list []Example) ([]map[radio.Source][]float32, error) {
	enc := b.encoder()
	enc.BatchSize, enc.Borrow = featuresBatch, true
	enc.Request = radio.Request{NoFeatures: true, Sources: b.h.Sources()}
	inputs := make([]radio.Input, len(list))
	for i, e := range list {
		inputs[i] = enc.File(e.Picture)
	}
	all := make([]map[radio.Source][]float32, len(list))
	err := enc.Stream(b.ctx, inputs, func(r radio.Result) error {
		if r.Err != nil {
			return r.Err
		}
		all[r.Index] = map[radio.Source][]float32{}
		for _, s := range slices.Sorted(maps.Keys(r.Sources)) {
			values := slices.Clone(radio.Values[float32](r.Sources[s]))
			if i := slices.IndexFunc(values, func(v float32) bool { return v-v != 0 }); i >= 0 {
				return fmt.Errorf("%s: element %d of %s is %v: the model's features are not finite", r.Name, i, s, values[i])
			}
			all[r.Index][s] = values
		}
		b.done++
		if b.progress != nil {
			b.progress(b.done, b.total)
		}
		return nil
	})
	return all, err
}

// encoder prepares pictures as the recipe says.
func (b *builder) encoder() *radio.Encoder {
	e := radio.NewEncoder(b.m)
	e.Size, e.Decode.Orient, e.FastDecode = radio.Fixed(b.r.Size[0], b.r.Size[1]), b.r.Orient, b.r.FastDecode
	e.Processor.ConvertRGB = !b.r.DropAlpha // a copy of the model's
	return e
}

// featuresBatch is how many pictures the frozen backbone computes at once.
const featuresBatch = 8

// dense reads masks and depth maps of the size that the head is trained on. params, if not nil, gives the
// crop and flip of a view of a picture of h×w pixels.
func (b *builder) dense(list []Example, params func(sample, view, h, w int) (augment.Params, error)) func(r *Rows, at, sample, view int) error {
	opt := b.r.masks(b.h.Spec().Outputs)
	pixels := b.r.Size[0] * b.r.Size[1]
	return func(r *Rows, at, sample, view int) error {
		e := list[sample]
		h, w, _, err := b.r.sizeOf(e.Picture)
		if err != nil {
			return err
		}
		var p augment.Params // the whole picture
		if params != nil {
			if p, err = params(sample, view, h, w); err != nil {
				return err
			}
		}
		p.Size = b.r.Size
		if e.Depth != "" {
			d, err := data.ReadDepth(e.Depth, b.r.PerMetre, h, w)
			if err == nil {
				d, err = p.ApplyDepth(d)
			}
			if err != nil {
				return err
			}
			if r.Depths == nil {
				r.Depths = make([]float32, len(r.Samples)*pixels)
			}
			copy(r.Depths[at*pixels:][:pixels], d.Metres)
			return nil
		}
		opt.H, opt.W = h, w
		m, err := data.ReadMask(e.Mask, opt)
		if err == nil {
			m, err = p.ApplyMask(m)
		}
		if err != nil {
			return err
		}
		if r.Masks == nil {
			r.Masks = make([]uint8, len(r.Samples)*pixels)
		}
		copy(r.Masks[at*pixels:][:pixels], m.Pix)
		return nil
	}
}

// sizeOf is the height and width of a picture as it is decoded, pixels. turned is its EXIF orientation if that is not
// applied, or 1.
func (r *Recipe) sizeOf(path string) (h, w, turned int, err error) {
	text, err := image.ReadFile(path)
	if err != nil {
		return 0, 0, 0, err
	}
	if h, w, err = image.Bounds(text); err != nil {
		return 0, 0, 0, fmt.Errorf("%s: %w", path, err)
	}
	turned = image.Orientation(text)
	if r.Orient {
		if turned >= onItsSide {
			h, w = w, h
		}
		turned = 1
	}
	return h, w, turned, nil
}

// onItsSide is the first EXIF orientation whose rows are columns of the picture; those after it are too.
const onItsSide = 5

// trainedOn records the frozen model in the head.
func (b *builder) trainedOn() error {
	var wrong error
	err := b.h.Describe(func(s *head.Spec) {
		if wrong = s.Trained(b.ctx, b.m); wrong == nil {
			s.Backbone.Name = b.name()
		}
	})
	if wrong != nil {
		return wrong
	}
	return err
}

// name is how the model is named in the head.
func (b *builder) name() string { return cmp.Or(b.r.Name, b.m.Source()) }
