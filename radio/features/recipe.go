package features

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/image"
)

// DType is the type of the numbers in a store.
type DType string

// The types. BFloat16 halves the store, and keeps 8 bits of each number.
const (
	Float32  DType = "float32"
	BFloat16 DType = "bfloat16"
)

// Size is the size of a number, bytes.
func (d DType) Size() int {
	if d == BFloat16 {
		return 2
	}
	return 4
}

// Check returns an error for a type that a store does not have.
func (d DType) Check() error {
	if d != Float32 && d != BFloat16 {
		return fmt.Errorf("the type of numbers is %q: must be %s or %s", string(d), Float32, BFloat16)
	}
	return nil
}

// Recipe says what a row holds, and how it was computed. Rows of one picture by equal recipes are
// equal. The rows of each recipe are in a folder of their own.
type Recipe struct {
	Model         string   `json:"model"`         // radio.Model.Identity
	Precision     string   `json:"precision"`     // of the computation
	Preprocessing string   `json:"preprocessing"` // all that the pixels depend on, as text
	Grid          [2]int   `json:"grid"`          // rows and columns of patches; zero if they depend on the picture
	DType         DType    `json:"dtype"`
	Columns       []Column `json:"columns"` // sorted by source
}

// Column is what a row holds of one source.
type Column struct {
	Source radio.Source `json:"source"`
	Shape  []int        `json:"shape"` // (D), or (T, D) of patches
}

// Width is how many numbers a row holds.
func (c Column) Width() int {
	n := 1
	for _, k := range c.Shape {
		n *= k
	}
	return n
}

// file is the name of the column's file.
func (r *Recipe) file(column int) string {
	safe := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '.' || c == '-' || c == '_' {
			return c
		}
		return '-'
	}, string(r.Columns[column].Source))
	return fmt.Sprintf("%d-%s.%s", column, safe, r.DType)
}

// Column returns the number of a source's column, or -1.
func (r *Recipe) Column(s radio.Source) int {
	return slices.IndexFunc(r.Columns, func(c Column) bool { return c.Source == s })
}

// Sources lists the sources, sorted.
func (r *Recipe) Sources() []radio.Source {
	list := make([]radio.Source, len(r.Columns))
	for i, c := range r.Columns {
		list[i] = c.Source
	}
	return list
}

// bytes is the size of a row in a column's file.
func (r *Recipe) bytes(column int) int64 {
	return int64(r.Columns[column].Width()) * int64(r.DType.Size())
}

// RowBytes is the size of a row in all files.
func (r *Recipe) RowBytes() int64 {
	n := int64(r.recordBytes())
	for i := range r.Columns {
		n += r.bytes(i)
	}
	return n
}

// preprocessing is all that the pixels of an encoder depend on.
func preprocessing(e *radio.Encoder) (string, error) {
	processor, err := json.Marshal(e.Processor)
	return fmt.Sprintf("size %s, exact %t%s%t%s%t%s%s", e.Size, e.Exact, orientIs, e.Decode.Orient, fastIs, e.FastDecode, processorIs, processor), err
}

// Parts of Preprocessing.
const (
	orientIs    = ", orient "
	fastIs      = ", fast "
	processorIs = ", processor "
)

// Oriented reports whether the EXIF orientation of pictures was applied.
func (r *Recipe) Oriented() bool { return strings.Contains(r.Preprocessing, orientIs+"true") }

// FastDecoded reports whether whole pictures in JPEG were read no finer than their resize needs; see radio.Encoder.
func (r *Recipe) FastDecoded() bool { return strings.Contains(r.Preprocessing, fastIs+"true") }

// AlphaDropped reports whether the transparency of pictures was dropped; otherwise they were composited on white.
func (r *Recipe) AlphaDropped() bool {
	p := r.processor()
	return p != nil && !p.ConvertRGB
}

// processor is the one that prepared the pictures, or nil if it cannot be read.
func (r *Recipe) processor() *image.Processor {
	_, text, _ := strings.Cut(r.Preprocessing, processorIs)
	p := &image.Processor{}
	if json.Unmarshal([]byte(text), p) != nil {
		return nil
	}
	return p
}

// Differences lists what differs in how pictures were prepared, each as in "want orient false, found orient true".
func (r *Recipe) Differences(want *Recipe) (lines []string) {
	w, f := strings.SplitN(want.Preprocessing, ", ", settings), strings.SplitN(r.Preprocessing, ", ", settings)
	if len(w) != len(f) {
		return []string{"want another"}
	}
	for i := range w {
		if w[i] == f[i] {
			continue
		}
		if i == settings-1 {
			lines = append(lines, r.otherProcessor(want))
			continue
		}
		lines = append(lines, fmt.Sprintf("want %s, found %s", w[i], f[i]))
	}
	return lines
}

// otherProcessor says in what processors differ.
func (r *Recipe) otherProcessor(want *Recipe) string {
	w, f := want.processor(), r.processor()
	if w == nil || f == nil || w.ConvertRGB == f.ConvertRGB {
		return "want another processor"
	}
	if w.ConvertRGB {
		return "want transparent pictures on white, found them without their transparency"
	}
	return "want pictures without their transparency, found transparent ones on white"
}

// settings is how many there are in Preprocessing. The last one has commas of its own.
const settings = 5

// sum is the SHA-256 of the recipe.
func (r *Recipe) sum() [sha256.Size]byte {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return sha256.Sum256(text)
}

// folder is the name of the recipe's folder.
func (r *Recipe) folder() string {
	sum := r.sum()
	return hex.EncodeToString(sum[:folderDigits/2])
}

// folderDigits is the length of a folder's name.
const folderDigits = 16

// The limits of a recipe.
const (
	maxColumns = 1 << 10
	maxWidth   = 1 << 30 // numbers of a row in a column
)

// Check returns an error for a recipe that no store can have.
func (r *Recipe) Check() error {
	if err := r.DType.Check(); err != nil {
		return err
	}
	if len(r.Columns) == 0 || len(r.Columns) > maxColumns {
		return fmt.Errorf("there are %d sources: want 1 to %d", len(r.Columns), maxColumns)
	}
	for i, c := range r.Columns {
		if err := c.Source.Check(); err != nil {
			return err
		}
		if i > 0 && c.Source <= r.Columns[i-1].Source {
			return fmt.Errorf("source %q follows %q: want them sorted, each once", c.Source, r.Columns[i-1].Source)
		}
		width := int64(1)
		for _, k := range c.Shape {
			if k < 1 || width > maxWidth/int64(k) {
				return fmt.Errorf("source %s has shape %v: want positive sizes, and at most %d numbers", c.Source, c.Shape, maxWidth)
			}
			width *= int64(k)
		}
		if want := 1; len(c.Shape) != want && !(c.Source.Tokens() && len(c.Shape) == want+1) {
			return fmt.Errorf("source %s has shape %v: want (D), or (T, D) of patches", c.Source, c.Shape)
		}
	}
	return nil
}

// bfloat16 rounds to the nearest, ties to even. ok is false if the result is not finite.
func bfloat16(v float32) (b uint16, ok bool) {
	bits := math.Float32bits(v)
	bits += 0x7fff + bits>>16&1
	b = uint16(bits >> 16)
	return b, b&0x7f80 != 0x7f80
}

// widened is the value of a bfloat16.
func widened(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }
