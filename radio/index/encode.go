package index

import (
	"context"
	"errors"
	"os"

	"cradio/cpu"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/features"
	"cradio/radio/internal/rowfile"
)

// meanRows is how many rows the mean is of at most; it is computed anew when there are growth times as
// many rows as it was computed of.
const (
	meanRows = 1 << 14
	growth   = 4
)

// codeBlock is how many rows are written at once.
const codeBlock = 1 << 10

// Encode writes the codes of rows that have none, and clears those of rows that are gone. It returns how
// many rows it wrote. Update calls it: an index whose Update was interrupted can be searched without,
// only slower. The error wraps features.ErrLocked if another process writes to the index.
func Encode(ctx context.Context, dir string, progress Progress) (written int, err error) {
	release, err := features.Lock(dir)
	if err != nil {
		return 0, inWords(dir, err)
	}
	defer func() { err = errors.Join(err, release()) }()
	x, err := Open(dir)
	if err != nil {
		return 0, err
	}
	defer x.Close()
	defer x.guard(&err)()
	total, done := 0, 0
	var encoders []*encoder
	for _, c := range x.columns {
		e := x.encoder(c)
		total += len(e.stale)
		encoders = append(encoders, e)
	}
	for _, e := range encoders {
		if err := e.run(ctx, func(n int) {
			if done += n; progress != nil {
				progress(done, total)
			}
		}); err != nil {
			return written, err
		}
		written += len(e.stale)
	}
	return written, nil
}

// encoder writes the codes of a source.
type encoder struct {
	x      *Index
	source radio.Source
	*codes
	vector func(row int) []float32
	anew   bool  // all codes, with a mean of their own
	stale  []int // rows to write
	gone   []int // rows to clear
}

// encoder finds what is to do.
func (x *Index) encoder(c *column) *encoder {
	e := &encoder{x: x, source: c.source, codes: c.codes, vector: c.array.Float32}
	live := 0
	for _, first := range x.first {
		if first >= 0 {
			live++
		}
	}
	e.anew = e.mean == nil || live > growth*e.of && e.of < meanRows
	all := c.rows.codes
	n := padded(e.width)
	for row, first := range x.first {
		switch {
		case first < 0:
			if !e.anew && (e.records[row] != scaleRecord{}) {
				e.gone = append(e.gone, row)
			}
		case e.anew || !e.valid[row] || checksum(bytesOf(all[row*n:][:n])) != e.records[row].codes:
			e.stale = append(e.stale, row)
		}
	}
	return e
}

// run writes codes first, and then the records that make them count.
func (e *encoder) run(ctx context.Context, told func(n int)) error {
	if len(e.stale)+len(e.gone) == 0 {
		return nil
	}
	scalesPath, codesPath := e.x.Beside(e.source, scalesExtension), e.x.Beside(e.source, codesExtension)
	if e.anew {
		// New files: those who search read the earlier ones to their end. Windows removes no file that is
		// mapped here.
		e.codes.close()
		for _, path := range []string{scalesPath, codesPath} {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				return loader.WriteError(path, err)
			}
		}
		e.average()
	}
	codes, err := openRows(codesPath)
	if err != nil {
		return err
	}
	defer codes.close()
	scales, err := openRows(scalesPath)
	if err != nil {
		return err
	}
	defer scales.close()
	if e.anew {
		if err := scales.write(encodeHeader(e.mean, e.of), 0); err != nil {
			return err
		}
	}
	head, n := int64(headerBytes(e.width)), int64(padded(e.width))
	for _, row := range e.gone { // the record first: without it there are no codes
		if err := scales.write(make([]byte, recordBytes), head+int64(row)*recordBytes); err != nil {
			return err
		}
		if err := codes.write(make([]byte, n), int64(row)*n); err != nil {
			return err
		}
	}
	for lo := 0; lo < len(e.stale); lo += codeBlock {
		if err := ctx.Err(); err != nil {
			return err
		}
		block := e.stale[lo:min(lo+codeBlock, len(e.stale))]
		text := e.quantise(block)
		for _, run := range runs(block) {
			if err := codes.write(text[int64(run.at)*n:int64(run.at+run.n)*n], int64(block[run.at])*n); err != nil {
				return err
			}
		}
		told(len(block))
	}
	if err := codes.sync(); err != nil {
		return err
	}
	for _, run := range runs(e.stale) {
		var text []byte
		for _, row := range e.stale[run.at:][:run.n] {
			text = e.records[row].append(text)
		}
		if err := scales.write(text, head+int64(e.stale[run.at])*recordBytes); err != nil {
			return err
		}
	}
	return scales.sync()
}

// average computes the mean of some rows.
func (e *encoder) average() {
	sum := make([]float64, e.width)
	step := max(1, len(e.stale)/meanRows)
	e.of = 0
	for i := 0; i < len(e.stale); i += step {
		for j, v := range unit(e.vector(e.stale[i])) {
			sum[j] += v
		}
		e.of++
	}
	e.mean = make([]float32, e.width)
	for j, v := range sum {
		e.mean[j] = float32(v / float64(max(1, e.of)))
	}
}

// quantise returns the codes of some rows, and sets their records.
func (e *encoder) quantise(block []int) []byte {
	t := &quantising{encoder: e, block: block, text: make([]int8, len(block)*padded(e.width))}
	cpu.Default().Run((len(block)+quantiseRows-1)/quantiseRows, t)
	return bytesOf(t.text)
}

const quantiseRows = 16 // of a piece

// quantising is the work of quantise.
type quantising struct {
	*encoder
	block []int
	text  []int8
}

// Do makes the codes of some rows.
func (t *quantising) Do(_, piece int) {
	n := padded(t.width)
	for i := piece * quantiseRows; i < min((piece+1)*quantiseRows, len(t.block)); i++ {
		row, to := t.block[i], t.text[i*n:][:n]
		r := &t.records[row]
		r.row = t.x.Sum(row, t.source)
		r.scale, r.residual = quantise(to, t.vector(row), t.mean)
		r.codes = checksum(bytesOf(to))
	}
}

// run is some rows that follow each other.
type run struct{ at, n int }

// runs finds rows that follow each other.
func runs(rows []int) (list []run) {
	for at := 0; at < len(rows); {
		n := 1
		for at+n < len(rows) && rows[at+n] == rows[at]+n {
			n++
		}
		list = append(list, run{at, n})
		at += n
	}
	return list
}

// written is a file that is written.
type written struct {
	path string
	rowfile.File
}

func openRows(path string) (written, error) {
	f, err := rowfile.Open(path)
	if err != nil {
		return written{}, loader.WriteError(path, err)
	}
	return written{path, f}, nil
}

func (w written) write(b []byte, at int64) error {
	if _, err := w.WriteAt(b, at); err != nil {
		return loader.WriteError(w.path, err)
	}
	return nil
}

func (w written) sync() error {
	if err := w.Sync(); err != nil {
		return loader.WriteError(w.path, err)
	}
	return nil
}

func (w written) close() { _ = w.Close() } // what was written is synced
