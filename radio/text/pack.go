package text

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/packs"
)

// tokenTable is the weight that packs leave out: its rows are read from the checkpoint.
const tokenTable = "token_embedding.weight"

func (o *Options) log() *slog.Logger {
	if o.Log != nil {
		return o.Log
	}
	return slog.Default()
}

// use is what packs of a precision are for on a device.
func use(device graph.PackedDevice, d radio.DType) packs.Use {
	return packs.Use{Precision: string(d), Layout: device.Layout()}
}

// openPack opens the packed weights of a checkpoint for a device, or returns nil. Those that cannot be
// used are left alone, with a warning.
func (o *Options) openPack(ctx context.Context, device graph.Device, src *loader.Checkpoint) (*packs.Pack, error) {
	saves, ok := device.(graph.PackedDevice)
	if o.NoPack || !ok {
		return nil, nil
	}
	of, dir := use(saves, precisionOf(o.DType)), cmp.Or(o.PackDir, src.Dir())
	path, err := packs.Find(ctx, dir, src, of)
	var p *packs.Pack
	if err == nil && path != "" {
		p, err = packs.Open(ctx, path, of, src, o.log())
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		o.log().Warn("not using packed weights", "because", err)
		return nil, nil
	case p == nil && o.PackDir != "": // it was asked for
		o.log().Warn("no packed weights there: reading the tower; `cradio pack --text` makes them", "want", packs.Path(dir, src, of))
	}
	return p, nil
}

// packedSource reads from a pack what the pack holds as it is, and other tensors from the checkpoint.
type packedSource struct {
	*layout
	pack *packs.Pack
}

// Float32 implements layers.Source.
func (s *packedSource) Float32(name string, shape ...int) ([]float32, error) {
	return s.Float32Into(nil, name, shape...)
}

// Float32Into implements layers.Source.
func (s *packedSource) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	if _, ok := s.pack.File().Lookup(name); ok {
		return s.pack.File().Float32Into(dst, name, shape...)
	}
	return s.layout.Float32Into(dst, name, shape...)
}

// Release implements layers.Source.
func (s *packedSource) Release(name string) {
	s.pack.File().Release(name)
	s.layout.Release(name)
}

// restore gives the matrices of a pack to a device. weights are those of the tower; the pack must have
// no others.
func restore(p *packs.Pack, weights []*graph.Weight, to graph.PackedDevice) error {
	byName := map[string]*graph.Weight{}
	for _, w := range weights {
		byName[w.Name] = w
	}
	fail := func(err error) error { return &packs.Error{Path: p.Path, Err: err} }
	for name := range p.Weights() {
		w := byName[name]
		if w == nil {
			return fail(fmt.Errorf("tensor %q: the tower has no such weight", name))
		}
		if err := p.File().Check(name, w.Shape()...); err != nil {
			return fail(err)
		}
	}
	forms, err := p.Forms()
	if err != nil {
		return fail(err)
	}
	for _, f := range forms {
		precision := graph.Precision(f.Precision)
		if err := precision.Check(); err != nil {
			return fail(fmt.Errorf("weight %q: %w", f.Weight, err))
		}
		w := byName[f.Weight]
		if w == nil || f.Entry >= 0 {
			return fail(fmt.Errorf("the tower has no weight %q", f.Weight))
		}
		if err := to.Restore(w, precision, func(name string) []byte { return f.Sections[name] }); err != nil {
			return fail(err)
		}
	}
	return nil
}

// WritePack packs all weights of a tower that was opened from a folder, and writes them to dir, or
// beside the checkpoint if that is empty: Open finds them there. progress, if not nil, is told how many
// bytes of how many are written. The table of tokens stays in the checkpoint.
func (t *Tower) WritePack(ctx context.Context, dir string, progress func(done, total int64)) (p *packs.Pack, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.guard(&err, debug.SetPanicOnFault(true))
	src, ok := t.source.(*loader.Checkpoint)
	saves, saved := t.device.(graph.PackedDevice)
	switch {
	case t.closed:
		return nil, errors.New("the tower is closed")
	case !ok:
		return nil, fmt.Errorf("%s: has no folder to keep packed weights in", t.source)
	case !saved:
		return nil, fmt.Errorf("%s: %w: device %s keeps no weights in a form of its own that could be saved", t.source, radio.ErrNothingToPack, t.device.Name())
	case t.pack != nil:
		return nil, fmt.Errorf("%s: the tower reads these packed weights itself; open it with Options.NoPack to make others", t.pack.Path)
	}
	if _, err := t.programs.get(size{1, t.net.Context}, t.compile); err != nil {
		return nil, err
	}
	w := packs.NewWriter(ctx, progress)
	if err := t.addTo(w, saves); err != nil {
		return nil, err
	}
	of := use(saves, t.precision)
	return w.Write(packs.Path(cmp.Or(dir, src.Dir()), src, of), of, src)
}

// VerifyPack reads the whole checkpoint and the packed weights that the tower was opened with, and
// compares their checksums with those of when they were packed.
func (t *Tower) VerifyPack(ctx context.Context) (p *packs.Pack, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.guard(&err, debug.SetPanicOnFault(true))
	switch {
	case t.closed:
		return nil, errors.New("the tower is closed")
	case t.pack == nil:
		return nil, fmt.Errorf("%s: was opened without packed weights: there is nothing to verify", t.source)
	}
	return t.pack, t.pack.Verify(ctx, t.source.(*loader.Checkpoint))
}

// addTo adds all weights to a pack: sections in the order of their use, then the weights that are not
// packed, small ones first.
func (t *Tower) addTo(w *packs.Writer, device graph.PackedDevice) error {
	packed := map[string]bool{tokenTable: true}
	sections := 0
	for p := range device.Packed() {
		for _, s := range p.Sections {
			w.Section(p.Weight.Name, string(p.Precision), s.Name, s.Data)
			packed[p.Weight.Name] = true
			sections++
		}
	}
	if sections == 0 {
		return fmt.Errorf("%s in %s: %w: level %s reads weights as they lie", t.source, t.precision, radio.ErrNothingToPack, device.Layout())
	}
	others := slices.DeleteFunc(slices.Clone(t.weights), func(weight *graph.Weight) bool { return packed[weight.Name] })
	slices.SortStableFunc(others, func(a, b *graph.Weight) int {
		return cmp.Compare(a.Shape().TotalSize(), b.Shape().TotalSize())
	})
	for _, weight := range others {
		v, err := weight.Value()
		if err != nil {
			return err
		}
		w.Weight(weight.Name, weight.Shape(), v.Float32s())
	}
	return nil
}

// Pack is the path of the packed weights that the tower reads, or empty.
func (t *Tower) Pack() string {
	if t.pack == nil {
		return ""
	}
	return t.pack.Path
}
