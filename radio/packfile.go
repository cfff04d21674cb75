package radio

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"cradio/cpu"
	"cradio/graph"
	"cradio/loader"
	"cradio/radio/checkpoint"
)

// Pack is a file of packed weights: a safetensors file that holds all that a forward
// pass reads of a checkpoint, in the form that the kernels of one level read in one
// precision. Mapped into memory it takes the place of the checkpoint, of which only
// the header is read then.
//
// It belongs to the checkpoint that it was made of, by the SHA-256 of each of its files.
// A file with the name, size, modification time and header that it had is trusted to be
// that one; where the time is another, as in a copy, its contents are compared. A change
// of numbers that keeps all four goes unnoticed until VerifyPack reads every byte.
type Pack struct {
	Path   string
	Bytes  int64
	DType  DType
	Layout string // cpu.Layout when it was made
	file   *loader.File
	about  packAbout
}

// packAbout is what a pack says of itself, in its metadata under packKey.
type packAbout struct {
	Version int          `json:"version"`
	DType   DType        `json:"dtype"`
	Layout  string       `json:"layout"`
	Files   []packedFile `json:"checkpoint"`
	Data    string       `json:"data_sha256"`
}

// packedFile is a file of the checkpoint.
type packedFile struct {
	loader.Identity
	SHA256 string `json:"sha256"`
}

const (
	packKey     = "cradio_pack"
	packVersion = 1
	maxAbout    = 1 << 20 // bytes
)

// packAgain is what to do about a pack that is of no use.
const packAgain = "make it again with `cradio pack`, or delete it"

// openPack opens the pack of a checkpoint in dir, nil where there is none.
func openPack(ctx context.Context, dir string, d DType, src *loader.Checkpoint, log *slog.Logger) (_ *Pack, err error) {
	path, err := findPack(ctx, dir, src, d)
	if path == "" || err != nil {
		return nil, err
	}
	f, err := loader.OpenFile(path)
	if err != nil {
		return nil, &packError{path, err}
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	p := &Pack{Path: path, DType: d, Layout: cpu.Layout(), file: f}
	files, err := openFiles(src, f)
	if err != nil {
		return nil, &packError{path, err}
	}
	defer files.guard(&err, debug.SetPanicOnFault(true))
	if err := p.check(ctx, src, log); err != nil {
		return nil, &packError{path, err}
	}
	f.AllNeeded()
	return p, nil
}

// Pack is the file of packed weights that the model reads, or nil.
func (m *Model) Pack() *Pack { return m.pack }

// VerifyPack reads the whole checkpoint and the pack that the model was opened with,
// and compares their checksums with those of when the pack was made.
func (m *Model) VerifyPack(ctx context.Context) (err error) {
	m.closing.RLock()
	defer m.closing.RUnlock()
	defer m.files.guard(&err, debug.SetPanicOnFault(true))
	p := m.pack
	if m.closed {
		return ErrClosed
	}
	if p == nil {
		return fmt.Errorf("%s: was opened without packed weights: there is nothing to verify", m.source)
	}
	sum, err := p.file.DataChecksum(ctx)
	if err != nil {
		return err
	}
	if sum != p.about.Data {
		return &packError{p.Path, fmt.Errorf("data: want SHA-256 %s, found %s: the file is damaged", p.about.Data, sum)}
	}
	for i, f := range m.source.(*loader.Checkpoint).Files() {
		sum, err := f.Checksum(ctx)
		if err != nil {
			return err
		}
		if want := p.about.Files[i].SHA256; sum != want {
			return &packError{p.Path, fmt.Errorf("%s: want SHA-256 %s, as when it was packed, found %s: it has changed", f, want, sum)}
		}
	}
	return nil
}

// packError is what is wrong with a pack.
type packError struct {
	path string
	err  error
}

func (e *packError) Error() string {
	return fmt.Sprintf("%s: %s; %s", e.path, strings.TrimPrefix(e.err.Error(), e.path+": "), packAgain)
}
func (e *packError) Unwrap() error { return e.err }

// restore gives the pack's matrices to the model's programs.
func (m *Model) restore(src *packedSource) error {
	err := src.broken
	if err == nil {
		weights := map[string]*graph.Weight{}
		for _, w := range m.weights.All() {
			weights[w.Name] = w
		}
		err = m.pack.restore(weights, m.target.Packs)
	}
	if err != nil {
		return &packError{m.pack.Path, err}
	}
	return nil
}

// restore gives the pack's matrices to packs. weights are the model's by name.
func (p *Pack) restore(weights map[string]*graph.Weight, packs *graph.Packs) error {
	type form struct {
		weight    string
		precision cpu.Precision
	}
	forms := map[form]map[string][]byte{}
	var order []form
	for _, name := range p.file.Names() {
		weight, rest, packed := strings.Cut(name, "/")
		if !packed {
			if weights[name] == nil {
				return fmt.Errorf("tensor %q: the model has no such weight", name)
			}
			continue
		}
		precision, section, _ := strings.Cut(rest, "/")
		q, err := cpu.ParsePrecision(precision)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		data, err := p.file.Bytes(name)
		if err != nil {
			return err
		}
		f := form{weight, q}
		if forms[f] == nil {
			forms[f] = map[string][]byte{}
			order = append(order, f)
		}
		forms[f][section] = data
	}
	for _, f := range order {
		w, err := indexed(weights, f.weight)
		if err == nil {
			err = packs.Restore(w, f.precision, func(name string) []byte { return forms[f][name] })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// indexed finds a weight by its name, "x" or, for an entry of one, "x[3]".
func indexed(weights map[string]*graph.Weight, name string) (*graph.Weight, error) {
	var i int
	stem, index, entry := strings.Cut(name, "[")
	w := weights[stem]
	if w == nil {
		return nil, fmt.Errorf("the model has no weight %q", name)
	}
	if !entry {
		return w, nil
	}
	if _, err := fmt.Sscanf(index, "%d]", &i); err != nil || fmt.Sprintf("%s[%d]", stem, i) != name {
		return nil, fmt.Errorf("the model has no weight %q", name)
	}
	return w.Index(i)
}

// packedSource reads of a pack what that holds as it is, and other tensors of the
// checkpoint.
type packedSource struct {
	*checkpoint.Tensors
	pack   *loader.File
	broken error // of the first tensor that the pack has wrong
}

// Float32 implements layers.Source.
func (s *packedSource) Float32(name string, shape ...int) ([]float32, error) {
	return s.Float32Into(nil, name, shape...)
}

// Float32Into implements layers.Source.
func (s *packedSource) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	if _, ok := s.pack.Lookup(name); ok {
		return s.pack.Float32Into(dst, name, shape...)
	}
	return s.Tensors.Float32Into(dst, name, shape...)
}

// Check implements layers.Source: the checkpoint has to be right in any case.
func (s *packedSource) Check(name string, shape ...int) error {
	if _, ok := s.pack.Lookup(name); ok && s.broken == nil {
		s.broken = s.pack.Check(name, shape...)
	}
	return s.Tensors.Check(name, shape...)
}

// Release implements layers.Source.
func (s *packedSource) Release(name string) {
	s.pack.Release(name)
	s.Tensors.Release(name)
}
