package jpeg

import (
	"errors"
	"fmt"

	"cradio/radio/image/internal/kernel"
	"cradio/radio/image/internal/raster"
)

// Markers of T.81 table B.1.
const (
	markerSOF0  = 0xC0 // baseline
	markerSOF1  = 0xC1 // extended sequential
	markerSOF2  = 0xC2 // progressive
	markerDHT   = 0xC4
	markerRST0  = 0xD0
	markerRST7  = 0xD7
	markerSOI   = 0xD8
	markerEOI   = 0xD9
	markerSOS   = 0xDA
	markerDQT   = 0xDB
	markerDRI   = 0xDD
	markerAPP0  = 0xE0
	markerAPP14 = 0xEE
	markerTEM   = 0x01
)

// processes are the unsupported kinds of JPEG (T.81 table B.1, T.87 for JPEG-LS).
var processes = map[byte]string{
	0xC3: "a lossless JPEG",
	0xC8: "a JPEG of a reserved process",
	0xC5: "a hierarchical JPEG", 0xC6: "a hierarchical progressive JPEG", 0xC7: "a hierarchical lossless JPEG",
	0xC9: "an arithmetic-coded JPEG", 0xCA: "an arithmetic-coded progressive JPEG", 0xCB: "an arithmetic-coded lossless JPEG",
	0xCD: "an arithmetic-coded hierarchical JPEG", 0xCE: "an arithmetic-coded hierarchical progressive JPEG",
	0xCF: "an arithmetic-coded hierarchical lossless JPEG",
	0xF7: "a JPEG-LS image",
}

const doConvert = "convert it: magick IN.jpg -depth 8 OUT.png"

// maxScans limits the work for a progressive file with many tiny scans. Encoders write about ten
// scans.
const maxScans = 200

var errTruncated = errors.New("the file is truncated")

// decoder is the state of decoding: markers set it, scans use it.
type decoder struct {
	data      []byte
	pos       int
	maxPixels int64
	draft     Draft

	quant   [4]*[64]uint16 // natural order
	dc, ac  [4]*huffman
	restart int // MCUs between restart markers, 0 for none
	scans   int
	scanEnd int // where the last scan's data end

	jfif           bool
	adobe          bool
	adobeTransform byte

	space   Space
	frame   *frame
	convert colors      // chosen at the first scan
	out     *raster.RGB // painted during the scan, if possible
}

// Space is the colour space of a JPEG. Zero means the space that its markers give.
type Space int

// The spaces that a TIFF file can name.
const (
	Gray Space = 1 + iota
	RGB
	YCbCr
	CMYK // full ink is 255
)

// Decode decodes a JPEG file. The image equals Pillow's open(…).convert("RGB"): CMYK is inverted, as
// Adobe writes it.
func Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	return Draft{}.Decode(data, maxPixels)
}

// DecodeAbbreviated decodes a JPEG stream in a TIFF file. Its tables may be in a separate stream, and
// the TIFF file gives the colour space.
func DecodeAbbreviated(tables, data []byte, space Space, maxPixels int64) (*raster.RGB, error) {
	d := &decoder{data: tables, maxPixels: maxPixels, space: space}
	if len(tables) > 0 {
		if err := d.readTables(); err != nil {
			return nil, fmt.Errorf("tables: %w", err)
		}
	}
	d.data, d.pos = data, 0
	if err := d.readMarkers(); err != nil {
		return nil, err
	}
	if want := map[Space]int{Gray: 1, RGB: 3, YCbCr: 3, CMYK: 4}[space]; len(d.frame.components) != want {
		return nil, fmt.Errorf("%d components: want %d", len(d.frame.components), want)
	}
	return d.rgb()
}

// readTables reads a stream of Huffman and quantisation tables, without an image.
func (d *decoder) readTables() error {
	for {
		marker, err := d.nextMarker()
		switch {
		case err != nil || marker == markerEOI:
			return err
		case marker == markerSOI:
			continue
		}
		segment, err := d.segment()
		if err != nil {
			return err
		}
		if marker == markerDHT || marker == markerDQT {
			if err := d.readSegment(marker, segment); err != nil {
				return err
			}
		}
	}
}

// readMarkers reads all markers to the end of the image, and decodes each scan.
func (d *decoder) readMarkers() error {
	for {
		marker, err := d.nextMarker()
		if err != nil {
			return err
		}
		switch {
		case marker == markerSOI || marker == markerTEM || marker >= markerRST0 && marker <= markerRST7:
			continue
		case marker == markerEOI:
			return d.complete()
		}
		segment, err := d.segment()
		if err != nil {
			return err
		}
		if err := d.readSegment(marker, segment); err != nil {
			return err
		}
		// libjpeg stops at the end of a sequential image, and ignores what follows.
		if marker == markerSOS && !d.frame.progressive && d.complete() == nil {
			return d.wantMarker()
		}
	}
}

func (d *decoder) readSegment(marker byte, segment []byte) error {
	switch {
	case marker == markerDHT:
		return d.readHuffman(segment)
	case marker == markerDQT:
		return d.readQuant(segment)
	case marker == markerDRI:
		return d.readRestart(segment)
	case marker == markerAPP0:
		d.jfif = d.jfif || len(segment) >= 12 && string(segment[:5]) == "JFIF\x00"
	case marker == markerAPP14:
		if len(segment) >= 12 && string(segment[:5]) == "Adobe" {
			d.adobe, d.adobeTransform = true, segment[11]
		}
	case marker == markerSOS:
		return d.readScan(segment)
	case marker == markerSOF0 || marker == markerSOF1 || marker == markerSOF2:
		return d.readFrame(segment, marker == markerSOF2)
	case processes[marker] != "":
		return &raster.Unsupported{What: fmt.Sprintf("%s (SOF%d)", processes[marker], marker-markerSOF0), Do: doConvert}
	}
	return nil
}

// nextMarker finds the next marker. It skips fill bytes and, like libjpeg, stray bytes.
func (d *decoder) nextMarker() (byte, error) {
	for d.pos+1 < len(d.data) {
		if d.data[d.pos] == 0xFF && d.data[d.pos+1] != 0 && d.data[d.pos+1] != 0xFF {
			d.pos += 2
			return d.data[d.pos-1], nil
		}
		d.pos++
	}
	return 0, fmt.Errorf("%w: no marker before the end", errTruncated)
}

// enough is the number of bytes that libjpeg reads ahead.
const enough = 8

// wantMarker returns an error if the file ends within the data of its last scan. Like libjpeg, it
// accepts padding in place of the end marker, as webcams write, if the padding is long enough.
func (d *decoder) wantMarker() error {
	_, err := d.nextMarker()
	if err != nil && len(d.data)-d.scanEnd >= enough {
		return nil
	}
	return err
}

// segment returns the payload after a marker's two length bytes.
func (d *decoder) segment() ([]byte, error) {
	if d.pos+2 > len(d.data) {
		return nil, errTruncated
	}
	n := int(d.data[d.pos])<<8 | int(d.data[d.pos+1])
	if n < 2 {
		return nil, fmt.Errorf("marker segment at byte %d claims %d bytes: want at least 2", d.pos, n)
	}
	if d.pos+n > len(d.data) {
		return nil, errTruncated
	}
	segment := d.data[d.pos+2 : d.pos+n]
	d.pos += n
	return segment, nil
}

// complete returns an error if the scans lack data.
func (d *decoder) complete() error {
	if d.frame == nil {
		return errors.New("no frame header before the end of the image")
	}
	for i := range d.frame.components {
		if err := d.frame.components[i].complete(d.frame.progressive); err != nil {
			return fmt.Errorf("component %d: %w", i, err)
		}
	}
	return nil
}

// rgb converts the decoded planes to RGB.
func (d *decoder) rgb() (*raster.RGB, error) {
	if d.out != nil {
		return d.out, nil
	}
	f := d.frame
	out, err := raster.New(f.outW, f.outH, d.maxPixels)
	if err != nil {
		return nil, err
	}
	if f.progressive {
		f.wholePlanes()
		f.transformAll()
	}
	kernel.Bands(f.outH, func(y, end int) { d.painter(out).paint(y, end) })
	return out, nil
}
