package radio

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"cradio/cpu"
	"cradio/graph"
	"cradio/loader"
)

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
	case m.pack != nil:
		return nil, fmt.Errorf("%s: the model reads these packed weights itself; open it with Options.NoPack to make others", m.pack.Path)
	}
	if err := m.packAll(); err != nil {
		return nil, err
	}
	w := &packWriter{ctx: ctx, progress: progress}
	if err := w.list(m); err != nil {
		return nil, err
	}
	p := &Pack{Path: packPath(cmp.Or(dir, src.Dir()), src, m.precision), DType: m.precision, Layout: cpu.Layout()}
	p.about = packAbout{Version: packVersion, DType: p.DType, Layout: p.Layout}
	for _, f := range src.Files() {
		id, err := f.Identity()
		if err != nil {
			return nil, err
		}
		sum, err := f.Checksum(ctx)
		if err != nil {
			return nil, err
		}
		if err := f.Unchanged(); err != nil { // or the checksum would be of other numbers than were packed
			return nil, err
		}
		p.about.Files = append(p.about.Files, packedFile{id, sum})
	}
	if p.about.Data, err = w.checksum(); err != nil {
		return nil, err
	}
	about, err := json.Marshal(p.about)
	if err != nil {
		return nil, err
	}
	if err := loader.WriteInOrder(p.Path, w.tensors, map[string]string{packKey: string(about)}, packAlignment); err != nil {
		return nil, err
	}
	stat, err := os.Stat(p.Path)
	if err != nil {
		return nil, err
	}
	p.Bytes = stat.Size()
	return p, p.forget()
}

// packAlignment is where the data of a pack begins: a page, which is a large one on
// some machines. Sections begin cache lines.
const (
	packAlignment    = 1 << 16
	sectionAlignment = 64
)

// packAll binds a program that uses every weight.
func (m *Model) packAll() error {
	req := Request{}
	for _, a := range m.config.Adaptors {
		req.Adaptors = append(req.Adaptors, a.Name)
	}
	if m.config.InterNormalizer != nil {
		req.Intermediates = &Intermediates{Last: m.config.Depth}
	}
	p, err := m.compile(1, m.config.Step(), m.config.Step(), req)
	if err != nil {
		return err
	}
	machine, err := graph.NewMachine(p.compiled)
	if err != nil {
		return err
	}
	if m.target.Packs.Bytes() == 0 {
		return fmt.Errorf("%s in %s: %w: level %s reads weights as they lie", m.source, m.precision, ErrNothingToPack, cpu.Layout())
	}
	return machine.Close()
}

// packWriter gathers the tensors of a pack: sections in the order of their use, then
// other weights, small ones first.
type packWriter struct {
	ctx         context.Context
	progress    func(done, total int64)
	tensors     []loader.Tensor
	done, total int64
}

func (w *packWriter) list(m *Model) error {
	packed := map[string]bool{}
	for weight, form := range m.target.Packs.All() {
		sections := form.Sections()
		precision, _, _ := form.Form()
		for _, s := range sections {
			size := (len(s.Data) + sectionAlignment - 1) / sectionAlignment * sectionAlignment
			w.add(loader.Tensor{
				Name: fmt.Sprintf("%s/%v/%s", weight.Name, precision, s.Name), DType: loader.U8, Shape: []int{size},
				Data: filled(s.Data, size),
			}, size)
		}
		stem, _, _ := strings.Cut(weight.Name, "[")
		packed[stem] = packed[stem] || len(sections) > 0
	}
	rest := slices.DeleteFunc(slices.Clone(m.weights.All()), func(weight *graph.Weight) bool { return packed[weight.Name] })
	slices.SortStableFunc(rest, func(a, b *graph.Weight) int {
		return cmp.Compare(a.Shape().TotalSize(), b.Shape().TotalSize())
	})
	for _, weight := range rest {
		v, err := weight.Value()
		if err != nil {
			return err
		}
		w.add(loader.Tensor{
			Name: weight.Name, DType: loader.F32, Shape: weight.Shape(), Data: loader.Float32Data(v.Float32s()),
		}, 4*weight.Shape().TotalSize())
	}
	return nil
}

// filled is data, and zeros up to size.
func filled(data []byte, size int) func(io.Writer) error {
	return func(to io.Writer) error {
		if _, err := to.Write(data); err != nil {
			return err
		}
		_, err := to.Write(make([]byte, size-len(data)))
		return err
	}
}

// add lists a tensor of size bytes, whose data stops when the context is done, and
// tells how far it is.
func (w *packWriter) add(t loader.Tensor, size int) {
	w.total += int64(size)
	data := t.Data
	t.Data = func(to io.Writer) error {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := data(to); err != nil {
			return err
		}
		w.done += int64(size)
		if w.progress != nil {
			w.progress(w.done, 2*w.total) // once for the checksum, once to the file
		}
		return nil
	}
	w.tensors = append(w.tensors, t)
}

// checksum is the SHA-256 of the data.
func (w *packWriter) checksum() (string, error) {
	h := sha256.New()
	for _, t := range w.tensors {
		if err := t.Data(h); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
