package index

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"unsafe"

	"cradio/cpu"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/features"
)

// Codes of a source are in two files beside its rows. Numbers are little-endian.
//
//	….codes    of each row, width int8, padded with zeros to a multiple of cpu.ScanStep
//	….scales   header  magic (16), width (4), rows that the mean is of (4), mean (width float32), checksum of these (4)
//	           record  of each row: checksum of its numbers (4), scale (4), residual (4),
//	                   checksum of its codes (4), checksum of these (4)
//
// A row x of length 1 is mean + scale·codes + e, and the residual is at least the length of e. The mean
// is that of some rows: summaries of pictures point into similar directions, and what they differ in is
// short, so that its codes are finer. Any mean is right; a good one makes bounds tight.
//
// Checksums are CRC-32C. Codes count if their record does, and if it has the checksum of the row as it is
// now: records are written last.
const (
	codesExtension  = ".codes"
	scalesExtension = ".scales"
	codesMagic      = "cradio codes\x00\x00\x00\x01"
	recordBytes     = 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// padded is the length of a row of codes.
func padded(width int) int { return (width + cpu.ScanStep - 1) / cpu.ScanStep * cpu.ScanStep }

// headerBytes is the size of the header of the scales.
func headerBytes(width int) int { return len(codesMagic) + 8 + 4*width + 4 }

// encodeHeader returns the header of the scales.
func encodeHeader(mean []float32, of int) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(codesMagic), uint32(len(mean)))
	b = binary.LittleEndian.AppendUint32(b, uint32(of))
	for _, v := range mean {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

// parseHeader reads the header of the scales. ok is false if it is damaged, or of rows of another width.
func parseHeader(text []byte, width int) (mean []float32, of int, ok bool) {
	n := headerBytes(width)
	if len(text) < n || string(text[:len(codesMagic)]) != codesMagic || checksum(text[:n-4]) != binary.LittleEndian.Uint32(text[n-4:]) {
		return nil, 0, false
	}
	b := text[len(codesMagic):]
	if binary.LittleEndian.Uint32(b) != uint32(width) {
		return nil, 0, false
	}
	mean = make([]float32, width)
	for i := range mean {
		mean[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[8+4*i:]))
		if mean[i]-mean[i] != 0 {
			return nil, 0, false
		}
	}
	return mean, int(binary.LittleEndian.Uint32(b[4:])), true
}

// scaleRecord is what is known of the codes of a row.
type scaleRecord struct {
	row             uint32 // checksum of the row
	scale, residual float32
	codes           uint32 // checksum of the codes
}

func (r scaleRecord) append(b []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint32(b, r.row)
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(r.scale))
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(r.residual))
	b = binary.LittleEndian.AppendUint32(b, r.codes)
	return binary.LittleEndian.AppendUint32(b, checksum(b[at:]))
}

// parseRecord reads a record. ok is false if it is damaged.
func parseRecord(b []byte) (r scaleRecord, ok bool) {
	r.row = binary.LittleEndian.Uint32(b)
	r.scale = math.Float32frombits(binary.LittleEndian.Uint32(b[4:]))
	r.residual = math.Float32frombits(binary.LittleEndian.Uint32(b[8:]))
	r.codes = binary.LittleEndian.Uint32(b[12:])
	return r, checksum(b[:16]) == binary.LittleEndian.Uint32(b[16:]) &&
		r.scale >= 0 && r.scale <= math.MaxFloat32 && r.residual >= 0 && r.residual <= math.MaxFloat32
}

// codes are the codes of a source, mapped.
type codes struct {
	codes, scales *loader.MappedFile // nil without
	width         int
	mean          []float32 // nil if there are none
	of            int       // rows that the mean is of
	records       []scaleRecord
	valid         []bool // by row
}

// openCodes maps the codes of a source of some rows. Codes that are missing or damaged are no error.
func openCodes(s *features.Store, source radio.Source, width, rows int) (c *codes, err error) {
	c = &codes{width: width, records: make([]scaleRecord, rows), valid: make([]bool, rows)}
	if c.scales, err = loader.Map(s.Beside(source, scalesExtension)); err != nil {
		return c, nil
	}
	if c.codes, err = loader.Map(s.Beside(source, codesExtension)); err != nil {
		return c, nil
	}
	room := len(c.codes.Contents()) / padded(width)
	err = c.scales.Read(func(text []byte) {
		mean, of, ok := parseHeader(text, width)
		if !ok {
			return
		}
		c.mean, c.of = mean, of
		text = text[headerBytes(width):]
		for row := range min(rows, room, len(text)/recordBytes) {
			c.records[row], c.valid[row] = parseRecord(text[row*recordBytes:])
			c.valid[row] = c.valid[row] && c.records[row].row == s.Sum(row, source)
		}
	})
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// all views the codes of all rows.
func (c *codes) all() []int8 {
	if c.codes == nil {
		return nil
	}
	b := c.codes.Contents()
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
}

// bytesOf views codes as bytes.
func bytesOf(codes []int8) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(codes))), len(codes))
}

// fault is features.Store.Fault for these files.
func (c *codes) fault(addr uintptr) error {
	for _, m := range []*loader.MappedFile{c.codes, c.scales} {
		if m != nil {
			if err := m.Fault(addr); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *codes) close() {
	for _, m := range []*loader.MappedFile{c.codes, c.scales} {
		if m != nil {
			m.Close()
		}
	}
}
