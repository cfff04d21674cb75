package radio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio/packs"
)

// Pack is a file of packed weights: all that a forward pass reads of a checkpoint, in the layout of
// the kernels of one level, in one precision. It takes the place of the checkpoint, of which only the
// header is read then. See package packs for how the two belong together.
type Pack struct {
	Path   string
	Bytes  int64
	DType  DType
	Layout string // of the device when it was made: see graph.PackedDevice
	file   *packs.Pack
}

func newPack(p *packs.Pack) *Pack {
	return &Pack{Path: p.Path, Bytes: p.Bytes, DType: DType(p.Use.Precision), Layout: p.Use.Layout, file: p}
}

// packUse is what packs of a precision are for on a device.
func packUse(device graph.PackedDevice, d DType) packs.Use {
	return packs.Use{Precision: string(d), Layout: device.Layout()}
}

// openPack opens the pack of a checkpoint in dir, nil where there is none.
func openPack(ctx context.Context, dir string, use packs.Use, src *loader.Checkpoint, log *slog.Logger) (_ *Pack, err error) {
	files, err := openFiles(src, nil)
	if err != nil {
		return nil, err
	}
	defer files.guard(&err, debug.SetPanicOnFault(true))
	path, err := packs.Find(ctx, dir, src, use)
	if path == "" || err != nil {
		return nil, err
	}
	p, err := packs.Open(ctx, path, use, src, log)
	if err != nil {
		return nil, err
	}
	return newPack(p), nil
}

// Pack is the file of packed weights that the model reads, or nil.
func (m *Model) Pack() *Pack { return m.pack }

// VerifyPack reads the whole checkpoint and the pack that the model was opened with,
// and compares their checksums with those of when the pack was made.
func (m *Model) VerifyPack(ctx context.Context) (err error) {
	m.closing.RLock()
	defer m.closing.RUnlock()
	defer m.files.guard(&err, debug.SetPanicOnFault(true))
	if m.closed {
		return ErrClosed
	}
	if m.pack == nil {
		return fmt.Errorf("%s: was opened without packed weights: there is nothing to verify", m.source)
	}
	return m.pack.file.Verify(ctx, m.source.(*loader.Checkpoint))
}

// ErrNothingToPack is returned where weights are read as they lie in the checkpoint.
var ErrNothingToPack = errors.New("there is nothing to pack")

// WritePack packs all weights of a model that was opened from a folder, and writes
// them to dir, or beside the checkpoint if that is empty: Open finds them there. The
// file takes its place once it is complete. progress, if not nil, is told how many
// bytes of how many are written.
func (m *Model) WritePack(ctx context.Context, dir string, progress func(done, total int64)) (_ *Pack, err error) {
	m.closing.RLock()
	defer m.closing.RUnlock()
	defer m.files.guard(&err, debug.SetPanicOnFault(true))
	src, ok := m.source.(*loader.Checkpoint)
	switch {
	case m.closed:
		return nil, ErrClosed
	case !ok:
		return nil, fmt.Errorf("%s: has no folder to keep packed weights in; `cradio synth` writes one", m.source)
	case packedDevice(m.target.Device) == nil:
		return nil, fmt.Errorf("%s: %w: device %s keeps no weights in a form of its own that could be saved", m.source, ErrNothingToPack, m.target.Device.Name())
	case m.pack != nil:
		return nil, fmt.Errorf("%s: the model reads these packed weights itself; open it with Options.NoPack to make others", m.pack.Path)
	case m.adapter != "" || slices.ContainsFunc(m.weights.All(), func(w *graph.Weight) bool { return w.Trainable }):
		return nil, fmt.Errorf("%s: its weights are not those of the checkpoint any more: open it without an adapter or training", m.source)
	}
	if err := m.packAll(); err != nil {
		return nil, err
	}
	w := packs.NewWriter(ctx, progress)
	if err := m.addTo(w); err != nil {
		return nil, err
	}
	use := packUse(packedDevice(m.target.Device), m.precision)
	p, err := w.Write(packs.Path(cmp.Or(dir, src.Dir()), src, use), use, src)
	if err != nil {
		return nil, err
	}
	return newPack(p), nil
}

// packAll binds a program that uses every weight.
func (m *Model) packAll() error {
	req := Request{}
	for _, a := range m.config.Adaptors {
		req.Adaptors = append(req.Adaptors, a.Name)
	}
	if m.config.InterNormalizer != nil {
		req.Intermediates = &Intermediates{Last: m.config.Depth}
	}
	p, err := m.compile(m.target, 1, m.config.Step(), m.config.Step(), req)
	if err != nil {
		return err
	}
	machine, err := graph.NewMachine(p.compiled)
	if err != nil {
		return err
	}
	m.freeMemory()
	if m.PackedBytes() == 0 {
		return fmt.Errorf("%s in %s: %w: level %s reads weights as they lie", m.source, m.precision, ErrNothingToPack, packedDevice(m.target.Device).Layout())
	}
	return machine.Close()
}

// addTo adds all weights to a pack: sections in the order of their use, then the weights that are not
// packed, small ones first.
func (m *Model) addTo(w *packs.Writer) error {
	packed := map[string]bool{}
	for p := range packedDevice(m.target.Device).Packed() {
		for _, s := range p.Sections {
			w.Section(p.Weight.Name, string(p.Precision), s.Name, s.Data)
		}
		stem, _, _ := strings.Cut(p.Weight.Name, "[")
		packed[stem] = packed[stem] || len(p.Sections) > 0
	}
	others := slices.DeleteFunc(slices.Clone(m.weights.All()), func(weight *graph.Weight) bool { return packed[weight.Name] })
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
