package gemm

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Packed is a weight in packed form: a *Matrix or a *LowMatrix.
type Packed interface {
	// Form returns the precision, and the numbers of outputs and inputs.
	Form() (f form.Form, rows, cols int)
	// Bytes returns the memory of the packed weight, without that of the original.
	Bytes() int
	// Sections returns this memory. There are none if the level does not pack the weight.
	// Sections can be saved, and restored at a level of the same Layout.
	Sections() []Section
}

// Section is a piece of a packed weight, in the byte order of this machine.
type Section struct {
	Name string // unique within the weight
	Data []byte // read-only
}

// layoutVersion counts the changes of what packing makes at a level.
func layoutVersion(k *kernel.Table) int {
	if k.Int8.RowStarts != nil {
		return 3 // int8 are without a sign: they had one
	}
	if k.Widened.Multiply() && !k.BFloat16.Multiply() {
		return 2 // words are short: they were float32
	}
	return 1
}

// Layout returns the name of the layout of sections for a table's kernels, such as
// "avx512-v1".
func Layout(k *kernel.Table) string {
	suffix := ""
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		suffix = "-bigendian"
	}
	if (k.Level == kernel.AVX512BF16 || k.Level == kernel.AMX) && !k.BFloat16.Multiply() { // as for some vendors
		suffix += "-widened"
	}
	return fmt.Sprintf("%v%s-v%d", k.Level, suffix, layoutVersion(k))
}

// The names of sections. They are those of packs that exist, and so stay as they are.
const (
	panelsSection = "panels" // panels of float32
	splitSection  = "parts"  // split panels
	valuesSection = "values" // what rounded weights stand for
	shortSection  = "short"
	wordsSection  = "units"
	scalesSection = "scales"
	totalsSection = "totals"
)

// Form implements Packed.
func (m *Matrix[T]) Form() (f form.Form, rows, cols int) { return form.Dense, m.Rows, m.Cols }

// Sections implements Packed.
func (m *Matrix[T]) Sections() []Section {
	if m.panels == nil {
		return nil
	}
	if m.split {
		return []Section{{splitSection, pool.BytesOf(m.panels)}}
	}
	return []Section{{panelsSection, pool.BytesOf(m.panels)}}
}

// Form implements Packed.
func (m *LowMatrix) Form() (f form.Form, rows, cols int) { return m.form, m.Rows, m.Cols }

// Sections implements Packed.
func (m *LowMatrix) Sections() (list []Section) {
	switch {
	case m.words == nil && m.short == nil:
		return []Section{{valuesSection, pool.BytesOf(m.values)}}
	case m.short != nil:
		list = append(list, Section{shortSection, pool.BytesOf(m.short)})
	default:
		list = append(list, Section{wordsSection, pool.BytesOf(m.words)})
	}
	if m.form == form.Int8 {
		list = append(list, Section{scalesSection, pool.BytesOf(m.scales)}, Section{totalsSection, pool.BytesOf(m.totals)})
	}
	return list
}

// Restore returns a packed weight, a *Matrix[float32] or a *LowMatrix, from the sections
// of one that was packed for kernels with the same Layout. It does not copy the sections.
func Restore(k *kernel.Table, f form.Form, rows, cols int, section func(name string) []byte) (Packed, error) {
	switch f {
	case form.Dense:
		return restoreMatrix(k, rows, cols, section)
	case form.BFloat16, form.Int8:
		m, err := restoreLow(k, f, rows, cols, section)
		if err != nil {
			return nil, err
		}
		return m, nil
	}
	return nil, fmt.Errorf("%v: there are no packed weights of this precision", f)
}

func restoreMatrix(k *kernel.Table, rows, cols int, section func(name string) []byte) (Packed, error) {
	if !k.Float32.Multiply() {
		return nil, fmt.Errorf("level %v does not use packed weights: there is nothing to restore", k.Level)
	}
	m := &Matrix[float32]{Rows: rows, Cols: cols, table: k}
	var err error
	if k.AMX != nil && section(panelsSection) == nil { // else some weight is beyond what can be split
		m.split = true
		m.panels, err = restore[float32](splitSection, section, pool.Blocks(rows, kernel.TileCols), splitPanelSize(cols))
	} else {
		m.panels, err = restore[float32](panelsSection, section, pool.Blocks(rows, k.Float32.Cols)*k.Float32.Cols, cols)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func restoreLow(k *kernel.Table, f form.Form, rows, cols int, section func(name string) []byte) (m *LowMatrix, err error) {
	m = &LowMatrix{form: f, Rows: rows, Cols: cols, table: k}
	t, widen := tilesOf(k, f)
	if t == nil {
		m.values, err = restore[float32](valuesSection, section, rows, cols)
		return m, err
	}
	n := pool.Blocks(rows, t.Cols) * t.Cols
	if widen {
		m.short, err = restore[uint16](shortSection, section, n, m.depth())
	} else {
		m.words, err = restore[uint32](wordsSection, section, n, m.depth())
	}
	if err != nil || f != form.Int8 {
		return m, err
	}
	if m.scales, err = restore[float32](scalesSection, section, n); err != nil {
		return m, err
	}
	m.totals, err = restore[float32](totalsSection, section, n)
	return m, err
}

// restore is a section as the elements that it should hold: the product of shape. More may
// follow them, to the end of the last cache line.
func restore[E any](name string, section func(string) []byte, shape ...int) ([]E, error) {
	var e E
	size := int(unsafe.Sizeof(e))
	n, ok := pool.Size(append([]int{size}, shape...)...)
	data := section(name)
	switch {
	case !ok || n == 0 || n > maxSection:
		return nil, fmt.Errorf("section %s: shape %v does not fit in memory", name, shape)
	case len(data) < n || len(data) >= n+pool.CacheLine:
		return nil, fmt.Errorf("section %s: has %d bytes, want %d", name, len(data), n)
	case uintptr(unsafe.Pointer(&data[0]))%pool.CacheLine != 0:
		return nil, fmt.Errorf("section %s: must begin at a cache line", name)
	}
	return unsafe.Slice((*E)(unsafe.Pointer(&data[0])), n/size), nil
}

// maxSection keeps a size and a cache line from overflowing an int.
const maxSection = 1<<(unsafe.Sizeof(0)*8-2) - pool.CacheLine
