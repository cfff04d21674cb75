package data

import (
	"fmt"
	stdimage "image"
	"image/color"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// ClassMap gives the classes of the values in the files of masks, or of their colours. Pixels of other
// values, or colours, do not count.
type ClassMap struct {
	of      map[int]uint8 // by value; by red, green, blue, 8 bits each, if colours
	colours bool
	names   []string // of the classes; nil if they have none
}

// Names are those of the classes, from 0, or nil: a map of a table of colours has them.
func (m *ClassMap) Names() []string { return m.names }

// ParseClassMap reads a class map: VALUE:CLASS,… with values from 0 to 255, or colours such as #ff8000, and
// classes from 0 to 254. Lines and spaces may be in place of commas.
//
// It may also be a table of colours, as data sets such as CamVid have in class_dict.csv: a header with the columns name,
// r, g and b, and a line for each class.
func ParseClassMap(text string) (*ClassMap, error) {
	text = string(inUTF8([]byte(text)))
	if m, err := parseColours(text); m != nil || err != nil {
		return m, err
	}
	m := &ClassMap{of: map[int]uint8{}}
	for entry := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' || r == '\n' }) {
		from, to, ok := strings.Cut(entry, ":")
		if !ok {
			return nil, fmt.Errorf("class map: %q: want VALUE:CLASS, such as 255:1 or #ff8000:1", entry)
		}
		digits, colour := strings.CutPrefix(from, "#")
		base, bits := 10, 8
		if colour {
			base, bits = 16, 24
		}
		value, err := strconv.ParseUint(digits, base, bits)
		if err != nil || colour && len(digits) != 6 {
			return nil, fmt.Errorf("class map: %q: %q must be a value from 0 to 255, or a colour such as #ff8000", entry, from)
		}
		class, err := strconv.ParseUint(to, 10, 8)
		if err != nil || class >= Ignored {
			return nil, fmt.Errorf("class map: %q: the class must be 0 to %d; leave out what does not count", entry, Ignored-1)
		}
		if len(m.of) > 0 && colour != m.colours {
			return nil, fmt.Errorf("class map: %q: give values or colours, not both", entry)
		}
		if _, twice := m.of[int(value)]; twice {
			return nil, fmt.Errorf("class map: %q is there twice", from)
		}
		m.of[int(value)], m.colours = uint8(class), colour
	}
	if len(m.of) == 0 {
		return nil, fmt.Errorf("class map: is empty: want VALUE:CLASS, such as 0:0,255:1")
	}
	return m, nil
}

// Classes is one more than the highest class.
func (m *ClassMap) Classes() int { return int(slices.Max(slices.Collect(maps.Values(m.of)))) + 1 }

// String is the map as ParseClassMap reads it, in the order of values.
func (m *ClassMap) String() string {
	var entries []string
	for _, value := range slices.Sorted(maps.Keys(m.of)) {
		format := "%d:%d"
		if m.colours {
			format = "#%06x:%d"
		}
		entries = append(entries, fmt.Sprintf(format, value, m.of[value]))
	}
	return strings.Join(entries, ",")
}

// MarshalText is String.
func (m *ClassMap) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText is ParseClassMap.
func (m *ClassMap) UnmarshalText(text []byte) error {
	other, err := ParseClassMap(string(text))
	if err == nil {
		*m = *other
	}
	return err
}

// bits turns 0 and 255, the pixels of an image with one bit, into 0 and 1, or leaves them where only that is in the map.
func (m *ClassMap) bits(row, pixels []uint8) {
	white := uint8(1)
	if m != nil {
		_, one := m.of[1]
		if _, most := m.of[255]; most && !one {
			white = 255
		}
	}
	for x := range row {
		row[x] = min(pixels[x], white)
	}
}

// class is that of a value or colour.
func (m *ClassMap) class(value int) uint8 {
	if c, ok := m.of[value]; ok {
		return c
	}
	return Ignored
}

// classesOf reads the classes of the colours of an image, row after row.
func (m *ClassMap) classesOf(img stdimage.Image, pix []uint8) {
	b := img.Bounds()
	last, class := -1, uint8(Ignored) // colours come in runs
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.NRGBAModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
			if value := int(c.R)<<16 | int(c.G)<<8 | int(c.B); value != last {
				last, class = value, m.class(value)
			}
			pix[y*b.Dx()+x] = class
		}
	}
}
