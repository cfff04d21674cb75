package cpu

import (
	"encoding/binary"
	"fmt"
	"unsafe"
)

// Packed is a weight in packed form: a *Matrix or a *NarrowMatrix.
type Packed interface {
	// Form returns the precision, and the numbers of outputs and inputs.
	Form() (p Precision, rows, cols int)
	// Bytes returns the memory of the packed weight, without that of the original.
	Bytes() int
	// Sections returns this memory. There are none if the level does not pack the weight.
	// Sections can be saved, and restored at a level of the same Layout.
	Sections() []Section
}

// Section is a part of a packed weight, in the byte order of this machine.
type Section struct {
	Name string // unique within the weight
	Data []byte // read-only
}

// layoutVersion counts the changes of what Pack and PackNarrow make at a level.
func layoutVersion(k *kernels) int {
	if k != nil && k.pairs.cols == 0 {
		return 2 // units are short: they were float32
	}
	return 1
}

// Layout returns the name of the layout of sections at the level in use, such as
// "avx512-v1". Sections can be restored at a level with the same Layout.
func Layout() string {
	l, _ := Choose()
	order := ""
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		order = "-bigendian"
	}
	if k := current.Load(); k != nil && k.level >= AVX512BF16 && k.pairs.cols == 0 { // see forVendor
		order += "-widened"
	}
	return fmt.Sprintf("%v%s-v%d", l, order, layoutVersion(current.Load()))
}

// Form implements Packed.
func (m *Matrix[T]) Form() (p Precision, rows, cols int) { return Full, m.Rows, m.Cols }

// Sections implements Packed.
func (m *Matrix[T]) Sections() []Section {
	if m.panels == nil {
		return nil
	}
	if m.cut {
		return []Section{{"parts", bytesOf(m.panels)}}
	}
	return []Section{{"panels", bytesOf(m.panels)}}
}

// Restore returns a packed weight, a *Matrix[float32] or a *NarrowMatrix, from the
// sections of one that was packed at a level with the same Layout. It does not copy the
// sections: their memory, such as a mapped file, must stay valid. The numbers in them are
// not checked.
func Restore(p Precision, rows, cols int, section func(name string) []byte) (Packed, error) {
	switch p {
	case Full:
		return restoreMatrix(rows, cols, section)
	case BFloat16, Int8:
		m, err := restoreNarrow(p, rows, cols, section)
		if err != nil {
			return nil, err
		}
		return m, nil
	}
	return nil, fmt.Errorf("%v: there are no packed weights of this precision", p)
}

func restoreMatrix(rows, cols int, section func(name string) []byte) (Packed, error) {
	k := current.Load()
	if k == nil {
		return nil, fmt.Errorf("level %v does not use packed weights: there is nothing to restore", Plain)
	}
	if k.amx != nil && section("panels") == nil { // else some weight is beyond what parts can hold
		panels, err := restore[float32]("parts", section, blocks(rows, tileCols), partsPanel(cols))
		if err != nil {
			return nil, err
		}
		return &Matrix[float32]{Rows: rows, Cols: cols, panels: panels, cut: true, k: k}, nil
	}
	panels, err := restore[float32]("panels", section, blocks(rows, k.cols)*k.cols, cols)
	if err != nil {
		return nil, err
	}
	return &Matrix[float32]{Rows: rows, Cols: cols, panels: panels, k: k}, nil
}

// Form implements Packed.
func (m *NarrowMatrix) Form() (p Precision, rows, cols int) { return m.Precision, m.Rows, m.Cols }

// Sections implements Packed.
func (m *NarrowMatrix) Sections() (list []Section) {
	switch {
	case m.units == nil && m.short == nil:
		return []Section{{"values", bytesOf(m.w)}}
	case m.short != nil:
		list = append(list, Section{"short", bytesOf(m.short)})
	default:
		list = append(list, Section{"units", bytesOf(m.units)})
	}
	if m.Precision == Int8 {
		list = append(list, Section{"scales", bytesOf(m.scales)}, Section{"totals", bytesOf(m.totals)})
	}
	return list
}

func restoreNarrow(p Precision, rows, cols int, section func(name string) []byte) (m *NarrowMatrix, err error) {
	m = &NarrowMatrix{Precision: p, Rows: rows, Cols: cols, k: current.Load()}
	if m.k == nil {
		m.w, err = restore[float32]("values", section, rows, cols)
		return m, err
	}
	t, short := m.k.tilesOf(p)
	n := blocks(rows, t.cols) * t.cols
	if short {
		m.short, err = restore[uint16]("short", section, n, m.depth())
	} else {
		m.units, err = restore[uint32]("units", section, n, m.depth())
	}
	if err != nil || p != Int8 {
		return m, err
	}
	if m.scales, err = restore[float32]("scales", section, n); err != nil {
		return m, err
	}
	m.totals, err = restore[float32]("totals", section, n)
	return m, err
}

// restore is a section as the elements that it should hold: the product of shape.
// More may follow them, to the end of the last cache line.
func restore[E any](name string, section func(string) []byte, shape ...int) ([]E, error) {
	var e E
	size := int(unsafe.Sizeof(e))
	n, ok := product(append([]int{size}, shape...))
	data := section(name)
	switch {
	case !ok || n == 0 || n > maxSection:
		return nil, fmt.Errorf("section %s: shape %v does not fit in memory", name, shape)
	case len(data) < n || len(data) >= n+cacheLine:
		return nil, fmt.Errorf("section %s: has %d bytes, want %d", name, len(data), n)
	case uintptr(unsafe.Pointer(&data[0]))%cacheLine != 0:
		return nil, fmt.Errorf("section %s: must begin at a cache line", name)
	}
	return unsafe.Slice((*E)(unsafe.Pointer(&data[0])), n/size), nil
}

// maxSection keeps a size and a cache line from overflowing an int.
const maxSection = 1<<(unsafe.Sizeof(0)*8-2) - cacheLine

// bytesOf is the memory of x.
func bytesOf[E any](x []E) []byte {
	var e E
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(e)))
}
