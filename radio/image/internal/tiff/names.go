package tiff

import (
	"fmt"

	"cradio/radio/image/internal/raster"
)

// Advice for unsupported files.
const (
	doRecompress = "convert it: tiffcp -c lzw IN.tif OUT.tif (of libtiff), or magick IN.tif OUT.png"
	doConvert    = "convert it: magick IN.tif OUT.png"
	doScale      = "choose the value range and convert it: gdal_translate -ot Byte -scale LOW HIGH 0 255 IN.tif OUT.tif, " +
		"or magick IN.tif -normalize -depth 8 OUT.png"
	doChunky = "convert it: tiffcp -p contig IN.tif OUT.tif (of libtiff), or magick IN.tif OUT.png"
	doRaw    = "develop it: dcraw_emu -T IN (of LibRaw) writes IN.tiff; or darktable-cli IN OUT.png"
)

// compressionNames are the names in TIFF 6.0, its supplements and libtiff.
var compressionNames = map[int]string{
	compressNone: "no", 2: "CCITT modified Huffman", compressGroup3: "CCITT group 3 fax", compressGroup4: "CCITT group 4 fax",
	compressLZW: "LZW", 6: "old-style JPEG", compressJPEG: "JPEG", compressDeflate: "deflate", 9: "JBIG", 10: "JBIG", 99: "JPEG",
	32766: "NeXT", 32771: "CCITT modified Huffman (word-aligned)", compressPackBits: "PackBits", 32809: "ThunderScan",
	32895: "IT8", 32896: "IT8", 32897: "IT8", 32898: "IT8", compressOldDeflate: "deflate", 33003: "JPEG 2000", 33004: "JPEG 2000", 33005: "JPEG 2000",
	34661: "JBIG", 34676: "SGILog", 34677: "SGILog (24 bits)", 34712: "JPEG 2000", 34713: "Nikon NEF", 34887: "LERC", 34892: "lossy JPEG (DNG)",
	34925: "LZMA", 34926: "Zstandard", 34927: "WebP", 34933: "PNG", 34934: "JPEG XR", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}

var photometricNames = map[int]string{
	minisWhite: "white-is-zero grey", minisBlack: "grey", photoRGB: "RGB", photoPalette: "palette", 4: "transparency mask", photoCMYK: "CMYK",
	photoYCbCr: "YCbCr", 8: "CIE L*a*b*", 9: "ICC L*a*b*", 10: "ITU L*a*b*", 32803: "raw colour filter array", 32844: "LogL", 32845: "LogLuv",
	34892: "linear raw", 51177: "depth",
}

// named returns the name of a code, with its number.
func named(names map[int]string, code int, what string) string {
	name := names[code]
	if name == "" {
		name = "unknown"
	}
	return fmt.Sprintf("%s %s (%d)", name, what, code)
}

func (l *layout) compressionName() string {
	return named(compressionNames, l.compression, "compression")
}
func (l *layout) photometricName() string { return named(photometricNames, l.photometric, "pixels") }

// lacks returns the error for a valid file with an unsupported feature.
func lacks(do, format string, args ...any) error {
	return &raster.Unsupported{What: "a TIFF with " + fmt.Sprintf(format, args...), Do: do}
}

// checkFormat checks that samples are unsigned. Like Pillow, it reads signed bytes as unsigned.
func (l *layout) checkFormat(format int) error {
	const float, undefined, complexInt, complexFloat = 3, 4, 5, 6
	switch {
	case format == formatUnsigned, format == formatSigned && l.bits == 8:
		return nil
	case format == formatSigned:
		return lacks(doScale, "%d-bit signed samples", l.bits)
	case format == float:
		return lacks(doScale, "%d-bit float samples", l.bits)
	case format == complexInt, format == complexFloat:
		return lacks("convert it to real parts or magnitudes first", "%d-bit complex samples", l.bits)
	case format == undefined:
		return lacks(doConvert, "%d-bit samples of undefined format", l.bits)
	}
	return fmt.Errorf("sample format %d: want 1 (unsigned)", format)
}

// checkRaw returns an error for sensor data. It runs first, since their compressions and depths are
// specific to the maker.
func (l *layout) checkRaw() error {
	const filterArray, linear = 32803, 34892
	if l.photometric == filterArray || l.photometric == linear {
		return lacks(doRaw, "%s, as in a camera's raw file", l.photometricName())
	}
	return nil
}

// checkCompression returns an error for unsupported compressions.
func (l *layout) checkCompression() error {
	switch l.compression {
	case compressNone, compressLZW, compressJPEG, compressDeflate, compressPackBits, compressOldDeflate, compressGroup4:
		return nil
	case compressGroup3:
		const twoDimensional = 1
		if l.t4Options&twoDimensional != 0 {
			return lacks(doRecompress, "two-dimensional CCITT group 3 fax compression (3)")
		}
		return nil
	}
	return lacks(doRecompress, "%s", l.compressionName())
}

// checkDepth returns an error for unsupported combinations of photometric interpretation and bits.
func (l *layout) checkDepth() error {
	depths := map[int][]int{
		minisWhite: {1, 2, 4, 8, 16}, minisBlack: {1, 2, 4, 8, 16}, photoPalette: {1, 2, 4, 8},
		photoRGB: {8, 16}, photoCMYK: {8, 16}, photoYCbCr: {8},
	}[l.photometric]
	for _, bits := range depths {
		if bits == l.bits {
			return nil
		}
	}
	switch {
	case depths == nil:
		return lacks(doConvert, "%s", l.photometricName())
	case l.bits > 16:
		return lacks(doScale, "%d-bit samples of %s", l.bits, l.photometricName())
	}
	return lacks("convert it: magick IN.tif -depth 8 OUT.png", "%d-bit samples of %s", l.bits, l.photometricName())
}
