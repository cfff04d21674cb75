package image

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// Brands of ISO base media files (ISO 14496-12) that hold images.
var (
	heifBrands = []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1", "miaf", "heif"}
	avifBrands = []string{"avif", "avis"}
)

// mediaBox identifies files that consist of boxes: a size, then four letters.
func mediaBox(data []byte) (kind, do string) {
	if len(data) < 12 {
		return "", ""
	}
	switch string(data[4:8]) {
	case "ftyp":
	case "moov", "mdat", "wide", "pnot":
		return "a video (QuickTime)", asFrames
	case "styp", "moof", "sidx":
		return "a fragment of a video (MP4)", "join it with the start of its stream, and " + asFrames
	default:
		return "", ""
	}
	major := string(data[8:12])
	brands := []string{major}
	end := min(int(binary.BigEndian.Uint32(data)), len(data), 1024)
	for at := 16; at+4 <= end; at += 4 {
		brands = append(brands, string(data[at:at+4]))
	}
	has := func(list []string) bool {
		return slices.ContainsFunc(brands, func(b string) bool { return slices.Contains(list, b) })
	}
	switch {
	case major == "crx ":
		return "a Canon camera's raw file (CR3)", asPhoto
	case has(avifBrands):
		return "an AVIF image", avifTools
	case has(heifBrands):
		return "a HEIC image (HEIF)", heifTools
	case strings.HasPrefix(major, "M4A") || strings.HasPrefix(major, "M4B") || strings.HasPrefix(major, "M4P"):
		return "a sound file (M4A)", forSound
	case strings.HasPrefix(major, "qt"):
		return "a video (QuickTime, MOV)", asFrames
	case strings.HasPrefix(major, "3g"):
		return "a video (3GP)", asFrames
	case strings.HasPrefix(major, "M4V"):
		return "a video (M4V)", asFrames
	case slices.Contains([]string{"jp2 ", "jpx ", "jpm "}, major):
		return "a JPEG 2000 image", magick("jp2")
	case isMP4(major):
		return "a video (MP4)", asFrames
	}
	return fmt.Sprintf("a video or another file of the MP4 family (brand %q)", major), asFrames
}

func isMP4(brand string) bool {
	for _, begin := range []string{"iso", "mp4", "avc1", "dash", "MSNV", "F4V", "mmp4", "XAVC", "cmf"} {
		if strings.HasPrefix(brand, begin) {
			return true
		}
	}
	return false
}

// riff identifies RIFF files, of which WebP is one kind, and the older IFF files.
func riff(data []byte) (kind, do string) {
	if len(data) < 12 {
		return "", ""
	}
	what := string(data[8:12])
	switch string(data[:4]) {
	case "RIFF", "RIFX", "RF64":
		switch {
		case what == "AVI ":
			return "a video (AVI)", asFrames
		case what == "WAVE":
			return "a sound file (WAV)", forSound
		case what == "ACON":
			return "an animated Windows cursor (ANI)", "convert it to PNG"
		case strings.HasPrefix(what, "CDR"):
			return "a CorelDRAW drawing", "export it as PNG from a drawing program, such as Inkscape"
		}
		return fmt.Sprintf("a RIFF file of the kind %q", what), "give an image"
	case "FORM":
		switch what {
		case "AIFF", "AIFC":
			return "a sound file (AIFF)", forSound
		case "ILBM", "PBM ":
			return "an Amiga image (ILBM)", magick("iff")
		}
	}
	return "", ""
}

// icon identifies Windows icons and cursors by their directory: reserved, type, count, then entries
// whose fourth byte is reserved.
func icon(data []byte) (kind, do string) {
	if len(data) < 22 || data[0] != 0 || data[1] != 0 || data[3] != 0 || data[9] != 0 {
		return "", ""
	}
	if n := binary.LittleEndian.Uint16(data[4:]); n == 0 || n > 256 {
		return "", ""
	}
	switch data[2] {
	case 1:
		return "a Windows icon (ICO)", "convert it: magick 'IN.ico[0]' OUT.png"
	case 2:
		return "a Windows cursor (CUR)", "convert it: magick 'IN.cur[0]' OUT.png"
	}
	return "", ""
}

// xBitmap identifies X bitmaps: C source that begins with the size.
func xBitmap(data []byte) (kind, do string) {
	line, _, _ := strings.Cut(string(data[:min(len(data), 256)]), "\n")
	if strings.HasPrefix(line, "#define ") && strings.Contains(line, "_width ") {
		return "an X bitmap (XBM)", magick("xbm")
	}
	return "", ""
}

// transportStream identifies packets of 188 bytes that begin with G.
func transportStream(data []byte) (kind, do string) {
	const packet, sync = 188, 'G'
	if len(data) > 2*packet && data[0] == sync && data[packet] == sync && data[2*packet] == sync {
		return "a video (MPEG transport stream)", asFrames
	}
	return "", ""
}

// pcx checks the signature, the version, run-length coding, and the bits per sample.
func pcx(data []byte) (kind, do string) {
	if len(data) >= 128 && data[0] == 0x0a && data[1] <= 5 && data[2] <= 1 && slices.Contains([]byte{1, 2, 4, 8}, data[3]) && data[64] == 0 {
		return "a PCX image", magick("pcx")
	}
	return "", ""
}

// targa identifies a TGA file by its footer, or by a plausible header, since TGA has no signature.
func targa(data []byte) (kind, do string) {
	const footer = "TRUEVISION-XFILE."
	if len(data) < 18 {
		return "", ""
	}
	palette, what, bits := data[1], data[2], data[16]
	w, h := binary.LittleEndian.Uint16(data[12:]), binary.LittleEndian.Uint16(data[14:])
	sensible := w > 0 && h > 0 && palette <= 1 && slices.Contains([]byte{8, 15, 16, 24, 32}, bits) &&
		(what == 1 || what == 9) == (palette == 1) && slices.Contains([]byte{1, 2, 3, 9, 10, 11}, what) && data[17]&0xc0 == 0
	if sensible || strings.Contains(string(data[max(0, len(data)-26):]), footer) {
		return "a TGA image", magick("tga")
	}
	return "", ""
}
