package tiff

import (
	"encoding/binary"
	"fmt"
	"slices"

	"cradio/radio/image/internal/ifd"
	"cradio/radio/image/internal/raster"
)

// Fields of TIFF 6.0.
const (
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagCompression  = 259
	tagPhotometric  = 262
	tagFillOrder    = 266
	tagStripOffsets = 273
	tagSamples      = 277
	tagRowsPerStrip = 278
	tagStripBytes   = 279
	tagPlanar       = 284
	tagT4Options    = 292
	tagPredictor    = 317
	tagColorMap     = 320
	tagTileWidth    = 322
	tagTileHeight   = 323
	tagTileOffsets  = 324
	tagTileBytes    = 325
	tagExtraSamples = 338
	tagSampleFormat = 339
	tagJPEGTables   = 347
)

// Values of the photometric interpretation, extra samples and sample format fields.
const (
	minisWhite   = 0
	minisBlack   = 1
	photoRGB     = 2
	photoPalette = 3
	photoCMYK    = 5
	photoYCbCr   = 6

	extraPremultiplied = 1
	extraAlpha         = 2
	extraCorelAlpha    = 999 // Corel Draw 10

	formatUnsigned = 1
	formatSigned   = 2

	maxExtra = 3
)

// layout is the description of the image in the fields.
type layout struct {
	w, h        int
	bits        int // of every sample
	samples     int // per pixel, with extra ones
	extra       []int
	photometric int
	compression int
	predictor   int
	planar      bool
	reversed    bool // the bits of a byte are stored least significant first
	orientation int
	order       binary.ByteOrder
	palette     []int // red, green, blue planes, 16 bits
	jpegTables  []byte
	t4Options   int
}

// fields reads integer fields, and keeps the first error.
type fields struct {
	dir *ifd.Directory
	err error
}

func (f *fields) one(tag uint16, missing int) int {
	v, err := f.dir.Uint(tag, missing)
	if err != nil && f.err == nil {
		f.err = err
	}
	return v
}

func (f *fields) all(tag uint16) []int {
	v, err := f.dir.Uints(tag)
	if err != nil && f.err == nil {
		f.err = err
	}
	return v
}

func readLayout(dir *ifd.Directory, maxPixels int64) (*layout, error) {
	f := &fields{dir: dir}
	l := &layout{
		w: f.one(tagWidth, 0), h: f.one(tagHeight, 0),
		samples:     f.one(tagSamples, 1),
		extra:       f.all(tagExtraSamples),
		photometric: f.one(tagPhotometric, minisWhite),
		compression: f.one(tagCompression, compressNone),
		predictor:   f.one(tagPredictor, 1),
		planar:      f.one(tagPlanar, 1) == 2,
		reversed:    f.one(tagFillOrder, 1) == 2,
		orientation: f.one(ifd.Orientation, 1),
		order:       dir.Order,
		palette:     f.all(tagColorMap),
		t4Options:   f.one(tagT4Options, 0),
	}
	bits, formats := f.all(tagBits), f.all(tagSampleFormat)
	if f.err != nil {
		return nil, f.err
	}
	var err error
	if l.jpegTables, _, err = dir.Bytes(tagJPEGTables); err != nil {
		return nil, err
	}
	if err := raster.Check(l.w, l.h, maxPixels); err != nil {
		return nil, err
	}
	if err := l.readBits(bits); err != nil {
		return nil, err
	}
	for _, format := range formats {
		if err := l.checkFormat(format); err != nil {
			return nil, err
		}
	}
	return l, l.check()
}

// readBits reads the bits per sample, which must be the same for all samples.
func (l *layout) readBits(bits []int) error {
	l.bits = 1
	if len(bits) > 0 {
		l.bits = bits[0]
	}
	if l.samples < 1 || l.samples > 4+maxExtra {
		return fmt.Errorf("%d samples a pixel: want 1 to %d", l.samples, 4+maxExtra)
	}
	if len(bits) > 1 && len(bits) < l.samples {
		return fmt.Errorf("%d bit counts for %d samples", len(bits), l.samples)
	}
	for _, b := range bits[:min(len(bits), l.samples)] {
		if b != l.bits {
			return lacks(doConvert, "samples of %v bits (want the same for all)", bits)
		}
	}
	return nil
}

// colors returns the number of samples that hold colour.
func (l *layout) colors() int {
	switch l.photometric {
	case photoRGB, photoYCbCr:
		return 3
	case photoCMYK:
		return 4
	}
	return 1
}

// hasAlpha reports whether the first extra sample is alpha, and whether the colours are premultiplied
// by it. Like Pillow, it treats a fourth RGB sample without a description as alpha.
func (l *layout) hasAlpha() (alpha, premultiplied bool) {
	if l.photometric == photoRGB && l.samples == 4 && len(l.extra) == 0 {
		return true, false
	}
	if len(l.extra) == 0 {
		return false, false
	}
	return slices.Contains([]int{extraPremultiplied, extraAlpha, extraCorelAlpha}, l.extra[0]), l.extra[0] == extraPremultiplied
}

// check returns an error for what Pillow or this package does not support.
func (l *layout) check() error {
	if err := l.checkRaw(); err != nil {
		return err
	}
	if err := l.checkCompression(); err != nil {
		return err
	}
	if err := l.checkDepth(); err != nil {
		return err
	}
	if l.photometric == photoYCbCr && l.compression != compressJPEG {
		return lacks(doConvert, "YCbCr pixels (6) and %s", l.compressionName())
	}
	alpha, premultiplied := l.hasAlpha()
	extra := l.samples - l.colors()
	if extra < 0 || extra > maxExtra || len(l.extra) != extra && !(alpha && len(l.extra) == 0) {
		return fmt.Errorf("%d samples a pixel, %d of them described as extra: want %d colours", l.samples, len(l.extra), l.colors())
	}
	for i, kind := range l.extra {
		if kind != 0 && !(i == 0 && alpha) {
			return lacks(doConvert, "extra samples of kinds %v (want alpha first, then unspecified ones)", l.extra)
		}
	}
	switch {
	case alpha && (l.photometric == photoCMYK || l.photometric == minisWhite || premultiplied && l.photometric != photoRGB):
		return lacks(doConvert, "%s and alpha of kind %d", l.photometricName(), l.extra[0])
	case extra > 0 && l.bits < 8:
		return lacks(doConvert, "extra samples of %d bits", l.bits)
	case l.bits == 16 && l.photometric == minisWhite:
		return lacks(doConvert, "16-bit samples of %s", l.photometricName()) // Pillow reads the two byte orders differently
	case l.bits == 16 && extra > 0 && l.photometric != photoRGB:
		return lacks(doConvert, "16-bit samples of %s and %d extra ones", l.photometricName(), extra)
	case l.photometric == photoPalette && (len(l.palette) > 3*256 || len(l.palette)%3 != 0 || len(l.palette) == 0):
		return fmt.Errorf("colour map of %d values: want 3 for each of up to 256 colours", len(l.palette))
	case l.predictor == 3:
		return lacks(doRecompress, "the floating point predictor (3)")
	case l.predictor != 1 && l.predictor != 2:
		return fmt.Errorf("predictor %d: want none or horizontal differencing", l.predictor)
	case l.predictor == 2 && l.bits < 8:
		return lacks(doRecompress, "the horizontal predictor (2) for %d-bit samples", l.bits)
	}
	return l.checkPlanar()
}

// checkPlanar returns an error for planar files that Pillow reads wrongly: there are no correct
// results to equal.
func (l *layout) checkPlanar() error {
	plain := l.compression == compressNone
	alpha, _ := l.hasAlpha()
	switch {
	case !l.planar:
		return nil
	case plain && (l.bits == 16 || l.reversed),
		alpha && len(l.extra) == 0,
		alpha && l.photometric == minisBlack && !plain,
		l.photometric == photoPalette && l.samples > 1:
		return lacks(doChunky, "planes of %d samples of %d bits, %s, %s",
			l.samples, l.bits, l.photometricName(), l.compressionName())
	}
	return nil
}
