package output

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/output/internal/line"

	"github.com/parquet-go/parquet-go"
)

// groupBytes and groupRows are the limits of a row group, before compression. The Writer holds
// one row group in memory.
const (
	groupBytes = 32 << 20
	groupRows  = 1 << 14
)

// rows is the Writer of .parquet. Full row groups are written to a temporary file. Commit adds
// the footer and makes the output from it.
type rows struct {
	path   string
	about  About
	spool  *spool
	file   *parquet.GenericWriter[any] // nil before the first result, which defines the columns
	parts  []partColumn
	failed []radio.Result // failures before the first result
	row    parquet.Row
	halves []byte // float16 values that row points to

	added         int
	bytes, inside int // in the row group
	most          int // limit of a row group, bytes
}

// partColumn is a column of numbers.
type partColumn struct {
	Array
	width int  // length of a summary, a patch or a token
	mixed bool // some row differs in shape from the first
}

func newParquet(path string, about About) (*rows, error) {
	s, err := newSpool(path)
	if err != nil {
		return nil, err
	}
	return &rows{path: path, about: about, spool: s, most: groupBytes}, nil
}

// Add implements Writer.
func (t *rows) Add(r radio.Result) error {
	if r.Err != nil {
		return fmt.Errorf("output: result of %s has an error: %w", r.Name, r.Err)
	}
	parts := Parts(r, t.about)
	if t.file == nil {
		t.begin(parts)
		for _, f := range t.failed {
			if err := t.add(f, nil); err != nil {
				return err
			}
		}
		t.failed = nil
	}
	same := func(c partColumn, p Part) bool { return c.Name == p.Name }
	if !slices.EqualFunc(t.parts, parts, same) {
		return fmt.Errorf("output: the tensors of %s differ from those of earlier images: all rows of a .parquet file have the same columns", r.Name)
	}
	for i, p := range parts {
		t.parts[i].mixed = t.parts[i].mixed || !slices.Equal(p.Shape, t.parts[i].Shape)
	}
	t.added++
	return t.add(r, parts)
}

// Fail implements Writer.
func (t *rows) Fail(r radio.Result) error {
	if t.file == nil {
		t.failed = append(t.failed, radio.Result{Name: r.Name, Original: r.Original, Err: r.Err})
		return nil
	}
	return t.add(r, nil)
}

// begin creates a column for each part of a result.
func (t *rows) begin(parts []Part) {
	version, build, _ := strings.Cut(line.Valid(t.about.Version), ",") // readers parse the version, and take brackets for the build
	options := []parquet.WriterOption{
		parquet.Compression(&parquet.Zstd), parquet.DataPageVersion(1),
		parquet.CreatedBy("cradio", strings.Trim(version, "()"), strings.TrimSpace(build)),
	}
	for _, p := range parts {
		c := partColumn{Array: Array{p.Name, slices.Clone(p.Shape)}, width: p.Shape[len(p.Shape)-1]}
		if len(p.Shape) == 3 { // nchw
			c.width = p.Shape[0]
		}
		t.parts = append(t.parts, c)
		// Nobody needs the minimum and maximum of a page of features.
		options = append(options, parquet.SkipPageBounds(p.Name, "list", "element"), parquet.SkipPageStatistics(p.Name, "list", "element"))
	}
	t.file = parquet.NewGenericWriter[any](t.spool, append(options, schema(t.about.DType, t.parts))...)
}

// add writes the row of an image. A failed image has no parts.
func (t *rows) add(r radio.Result, parts []Part) error {
	t.row, t.halves = t.row[:0], t.halves[:0]
	column := 0
	put := func(v parquet.Value, defined int) {
		t.row = append(t.row, v.Level(0, defined, column))
		column++
	}
	text := func(s string, there bool) {
		if !there {
			put(parquet.NullValue(), 0)
			return
		}
		put(parquet.ByteArrayValue([]byte(s)), 1)
	}
	name := line.Valid(r.Name)
	put(parquet.ByteArrayValue([]byte(name)), 0)
	for i, n := range []int{r.Original[0], r.Original[1], r.Height, r.Width, r.Rows, r.Cols} {
		if n == 0 || parts == nil && i > 1 {
			put(parquet.NullValue(), 0)
			continue
		}
		put(parquet.Int32Value(int32(n)), 1)
	}
	t.bytes += len(r.Name) + 64
	for i := range t.parts {
		if parts == nil {
			put(parquet.NullValue(), 0)
			continue
		}
		t.numbers(&parts[i], column)
		t.bytes += len(parts[i].Data) * t.about.DType.Size()
		column++
	}
	if r.Err != nil {
		t.bytes += len(r.Err.Error())
		text(line.Valid(r.Err.Error()), true)
	} else {
		text("", false)
	}
	text(base64.StdEncoding.EncodeToString([]byte(r.Name)), name != r.Name)
	if _, err := t.file.WriteRows([]parquet.Row{t.row}); err != nil {
		return notWritten(t.path, err)
	}
	if t.inside++; t.bytes < t.most && t.inside < groupRows {
		return nil
	}
	t.bytes, t.inside = 0, 0
	if err := t.file.Flush(); err != nil {
		return notWritten(t.path, err)
	}
	return nil
}

// numbers adds a part as a list of its elements.
func (t *rows) numbers(p *Part, column int) {
	if len(p.Data) == 0 {
		t.row = append(t.row, parquet.NullValue().Level(0, 1, column))
		return
	}
	t.halves = slices.Grow(t.halves, 2*len(p.Data)) // so that earlier values do not move
	for i := range p.Data {
		var v parquet.Value
		switch t.about.DType {
		case Float16:
			t.halves = Float16.append(t.halves, p.At(i))
			v = parquet.FixedLenByteArrayValue(t.halves[len(t.halves)-2:])
		case Float64:
			v = parquet.DoubleValue(p.At(i))
		default:
			v = parquet.FloatValue(p.Data[i])
		}
		t.row = append(t.row, v.Level(min(i, 1), 2, column))
	}
}

// Commit implements Writer.
func (t *rows) Commit(ctx context.Context) ([]Array, error) {
	if t.added == 0 {
		return nil, errors.New("output: no results to write")
	}
	identity, err := t.about.identity()
	if err != nil {
		return nil, fmt.Errorf("%s: not written: %w", t.path, err)
	}
	for _, f := range t.about.facts(identity) {
		t.file.SetKeyValueMetadata(f.name, f.text)
	}
	widths := map[string]int{}
	for _, c := range t.parts {
		widths[c.Name] = c.width
	}
	text, err := json.Marshal(widths)
	if err != nil {
		return nil, err
	}
	t.file.SetKeyValueMetadata("widths", string(text))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := t.file.Close(); err != nil {
		return nil, notWritten(t.path, err)
	}
	err = loader.WriteFile(t.path, func(w io.Writer) error {
		_, err := io.Copy(w, t.spool.section(ctx, 0, t.spool.size))
		return err
	})
	if err != nil {
		return nil, err
	}
	var list []Array
	for _, c := range t.parts {
		a := Array{c.Name, []int{t.added}}
		if !c.mixed {
			a.Shape = append(a.Shape, c.Shape...)
		}
		list = append(list, a)
	}
	return list, nil
}

// Close implements Writer.
func (t *rows) Close() error { return t.spool.Close() }
