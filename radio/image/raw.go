package image

import (
	"bytes"
	"strings"

	"cradio/radio/image/internal/ifd"
	"cradio/radio/image/internal/raster"
	"cradio/radio/image/internal/tiff"
)

// Fields of TIFF files that are raw files of cameras.
const (
	tagSubfile    = 254 // bit 0: a preview
	tagMake       = 271
	tagSubIFDs    = 330
	tagDNGVersion = 50706
)

// rawMakers maps the start of a camera maker's name, in capitals, to its raw format.
var rawMakers = []struct{ maker, kind string }{
	{"NIKON", "a Nikon camera's raw file (NEF)"},
	{"SONY", "a Sony camera's raw file (ARW)"},
	{"PENTAX", "a Pentax camera's raw file (PEF)"},
	{"RICOH", "a Ricoh camera's raw file (PEF)"},
	{"SAMSUNG", "a Samsung camera's raw file (SRW)"},
	{"HASSELBLAD", "a Hasselblad camera's raw file (3FR)"},
	{"PHASE ONE", "a Phase One camera's raw file (IIQ)"},
	{"LEAF", "a Leaf camera's raw file (MOS)"},
	{"MAMIYA", "a Mamiya camera's raw file (MEF)"},
	{"EPSON", "an Epson camera's raw file (ERF)"},
	{"KODAK", "a Kodak camera's raw file (DCR)"},
	{"EASTMAN KODAK", "a Kodak camera's raw file (DCR)"},
	{"CANON", "a Canon camera's raw file"},
}

// rawPhoto returns an error if a TIFF file is a camera's raw file. The first image of a raw file is
// a preview of a few hundred pixels, not the photograph.
func rawPhoto(data []byte) error {
	if bytes.HasPrefix(data, []byte("II*\x00")) && len(data) > 10 && string(data[8:10]) == "CR" {
		return &raster.Unsupported{What: "a Canon camera's raw file (CR2)", Do: asPhoto}
	}
	dir, err := ifd.Read(data)
	if err != nil {
		return nil
	}
	subfile, err := dir.Uint(tagSubfile, 0)
	if err != nil || subfile&1 == 0 || !dir.Has(tagSubIFDs) {
		return nil
	}
	if dir.Has(tagDNGVersion) {
		return &raster.Unsupported{What: "a camera's raw file (DNG)", Do: asPhoto}
	}
	maker := strings.ToUpper(dir.Text(tagMake))
	for _, m := range rawMakers {
		if strings.HasPrefix(maker, m.maker) {
			return &raster.Unsupported{What: m.kind, Do: asPhoto}
		}
	}
	return nil
}

// decodeTIFF decodes a TIFF file that is not a raw file.
func decodeTIFF(data []byte, maxPixels int64) (*raster.RGB, error) {
	if err := rawPhoto(data); err != nil {
		return nil, err
	}
	return tiff.Decode(data, maxPixels)
}
