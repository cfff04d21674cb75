package packs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"cradio/loader"
)

// The data of a pack begins at a page, which is a large one on some machines. Sections begin cache
// lines.
const (
	dataAlignment    = 1 << 16
	sectionAlignment = 64
)

// Writer gathers the tensors of a pack. They lie in the file in the order in which they are added.
type Writer struct {
	ctx         context.Context
	progress    func(done, total int64)
	tensors     []loader.Tensor
	done, total int64
}

// NewWriter returns a Writer. It stops when ctx is done. progress, if not nil, is told how many bytes
// of how many have been worked off.
func NewWriter(ctx context.Context, progress func(done, total int64)) *Writer {
	return &Writer{ctx: ctx, progress: progress}
}

// Section adds a section of the packed form of a weight.
func (w *Writer) Section(weight, precision, section string, data []byte) {
	size := (len(data) + sectionAlignment - 1) / sectionAlignment * sectionAlignment
	w.add(loader.Tensor{
		Name: fmt.Sprintf("%s/%s/%s", weight, precision, section), DType: loader.U8, Shape: []int{size}, Data: filled(data, size),
	}, size)
}

// Weight adds a weight that is not packed.
func (w *Writer) Weight(name string, shape []int, values []float32) {
	w.add(loader.Tensor{Name: name, DType: loader.F32, Shape: shape, Data: loader.Float32Data(values)}, 4*len(values))
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

// add adds a tensor of size bytes. Writing it fails when the context is done, and is progress.
func (w *Writer) add(t loader.Tensor, size int) {
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

// Write writes the pack of a checkpoint to a path. The file takes its place once it is complete. A
// checkpoint that has changed since it was opened is an error. The result is closed.
func (w *Writer) Write(path string, use Use, of Origin) (*Pack, error) {
	p := &Pack{Path: path, Use: use}
	p.about = about{Version: version, Precision: use.Precision, Layout: use.Layout}
	for _, f := range of.Files() {
		id, err := f.Identity()
		if err != nil {
			return nil, err
		}
		sum, err := f.Checksum(w.ctx)
		if err != nil {
			return nil, err
		}
		if err := f.Unchanged(); err != nil { // or the checksum would be of other numbers than were packed
			return nil, err
		}
		p.about.Files = append(p.about.Files, file{id, sum})
	}
	var err error
	if p.about.Data, err = w.checksum(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(p.about)
	if err != nil {
		return nil, err
	}
	if err := loader.WriteInOrder(path, w.tensors, map[string]string{key: string(text)}, dataAlignment); err != nil {
		return nil, err
	}
	stat, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	p.Bytes = stat.Size()
	return p, p.forget()
}

// checksum is the SHA-256 of the data.
func (w *Writer) checksum() (string, error) {
	h := sha256.New()
	for _, t := range w.tensors {
		if err := t.Data(h); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
