package image

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// box returns the start of an ISO base media file.
func box(major string, brands ...string) string {
	body := "ftyp" + major + "\x00\x00\x00\x00" + strings.Join(brands, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(4+len(body)))) + body + "\x00\x00\x00\x08mdat"
}

// rawTIFF returns a camera's TIFF: first a preview, and the photograph in a sub-directory.
func rawTIFF(maker string, dng bool) string {
	le := binary.LittleEndian
	b := []byte("II*\x00\x08\x00\x00\x00")
	fields := [][3]uint32{{tagSubfile, 4, 1}, {tagMake, 2, uint32(len(maker) + 1)}, {tagSubIFDs, 4, 99}}
	if dng {
		fields = append(fields, [3]uint32{tagDNGVersion, 1, 4})
	}
	b = le.AppendUint16(b, uint16(len(fields)))
	after := uint32(8 + 2 + 12*len(fields) + 4)
	for _, f := range fields {
		b = le.AppendUint16(le.AppendUint16(b, uint16(f[0])), uint16(f[1]))
		switch f[0] {
		case tagMake:
			b = le.AppendUint32(le.AppendUint32(b, f[2]), after)
		case tagDNGVersion:
			b = le.AppendUint32(le.AppendUint32(b, 4), 0x0401)
		default:
			b = le.AppendUint32(le.AppendUint32(b, 1), f[2])
		}
	}
	return string(le.AppendUint32(b, 0)) + maker + "\x00"
}

func at(n int, mark string) string { return strings.Repeat("\x00", n) + mark }

func TestOtherKindsAreNamed(t *testing.T) {
	targa := "\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x04\x00\x18\x00" + strings.Repeat("abc", 20)
	for _, c := range []struct{ name, data, kind, do string }{
		{"heic", box("heic", "mif1", "heic"), "a HEIC image (HEIF)", "heif-convert"},
		{"heic by brand", box("mif1", "mif1", "heic"), "a HEIC image (HEIF)", "sips -s format png"},
		{"hevc sequence", box("msf1", "hevc"), "a HEIC image (HEIF)", "magick IN.heic"},
		{"avif", box("avif", "mif1"), "an AVIF image", "ffmpeg -i IN.avif"},
		{"avif by brand", box("mif1", "mif1", "avif", "miaf"), "an AVIF image", "magick IN.avif"},
		{"avif sequence", box("avis"), "an AVIF image", "magick"},
		{"mp4", box("isom", "iso2", "mp41"), "a video (MP4)", "ffmpeg -i IN -vf fps=1 frame%04d.png"},
		{"mov", box("qt  "), "a video (QuickTime, MOV)", "ffmpeg"},
		{"old mov", "\x00\x00\x00\x08wide\x00\x00\x00\x08mdat", "a video (QuickTime)", "ffmpeg"},
		{"3gp", box("3gp5"), "a video (3GP)", "ffmpeg"},
		{"m4v", box("M4V "), "a video (M4V)", "ffmpeg"},
		{"m4a", box("M4A "), "a sound file (M4A)", "sound"},
		{"unknown brand", box("\x01\x02ab"), `brand "\x01\x02ab"`, "ffmpeg"},
		{"cr3", box("crx ", "isom"), "a Canon camera's raw file (CR3)", "dcraw_emu"},
		{"cr2", "II*\x00\x10\x00\x00\x00CR\x02\x00", "a Canon camera's raw file (CR2)", "darktable-cli"},
		{"nef", rawTIFF("NIKON CORPORATION", false), "a Nikon camera's raw file (NEF)", "dcraw_emu"},
		{"arw", rawTIFF("SONY", false), "a Sony camera's raw file (ARW)", "dcraw_emu"},
		{"dng", rawTIFF("Google", true), "a camera's raw file (DNG)", "dcraw_emu"},
		{"raf", "FUJIFILMCCD-RAW 0201", "a Fujifilm camera's raw file (RAF)", "dcraw_emu"},
		{"orf", "IIRO\x08\x00\x00\x00", "an Olympus camera's raw file (ORF)", "dcraw_emu"},
		{"rw2", "IIU\x00\x18\x00\x00\x00", "a Panasonic camera's raw file (RW2)", "dcraw_emu"},
		{"jp2", "\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 image", "magick IN.jp2"},
		{"j2k", "\xff\x4f\xff\x51\x00\x29", "a JPEG 2000 codestream", "magick IN.j2k"},
		{"jxl", "\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL image", "djxl"},
		{"jxl codestream", "\xff\x0a\x00\x00", "a JPEG XL codestream", "djxl"},
		{"jxr", "II\xbc\x01\x08\x00\x00\x00", "a JPEG XR image", "JxrDecApp"},
		{"psd", "8BPS\x00\x01", "a Photoshop document (PSD)", "magick 'IN.psd[0]'"},
		{"svg", `<svg xmlns="http://www.w3.org/2000/svg"/>`, "a drawing (SVG)", "rsvg-convert"},
		{"pdf", "%PDF-1.7\n", "a PDF document", "pdftoppm"},
		{"eps", "%!PS-Adobe-3.0 EPSF-3.0", "PostScript", "gs "},
		{"dos eps", "\xc5\xd0\xd3\xc6", "PostScript", "gs "},
		{"ico", "\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00\x01\x00\x20\x00" + at(10, ""), "a Windows icon (ICO)", "IN.ico[0]"},
		{"cur", "\x00\x00\x02\x00\x01\x00\x10\x10\x00\x00\x01\x00\x20\x00" + at(10, ""), "a Windows cursor (CUR)", "IN.cur[0]"},
		{"icns", "icns\x00\x00\x01\x00", "a Mac's icon (ICNS)", "icns2png"},
		{"exr", "\x76\x2f\x31\x01", "an OpenEXR image", "magick IN.exr"},
		{"hdr", "#?RADIANCE\n", "a Radiance HDR image (RGBE)", "magick IN.hdr"},
		{"dds", "DDS |\x00\x00\x00", "a DirectDraw surface (DDS)", "magick"},
		{"tga", targa, "a TGA image", "magick IN.tga"},
		{"tga by footer", "\x00\x00\x63" + at(30, "TRUEVISION-XFILE.\x00"), "a TGA image", "magick IN.tga"},
		{"qoi", "qoif\x00\x00", "a QOI image", "magick"},
		{"flif", "FLIF44", "a FLIF image", "flif -d"},
		{"bpg", "BPG\xfb\x00", "a BPG image", "bpgdec"},
		{"wmf", "\xd7\xcd\xc6\x9a\x00", "a Windows metafile (WMF)", "magick"},
		{"emf", "\x01\x00\x00\x00" + at(36, " EMF"), "an enhanced Windows metafile (EMF)", "magick"},
		{"dicom", at(128, "DICM"), "a DICOM image", "dcm2img"},
		{"fits", "SIMPLE  =                    T", "a FITS image", "magick"},
		{"hdf5", "\x89HDF\r\n\x1a\n", "an HDF5 file", "h5py"},
		{"npy", "\x93NUMPY\x01\x00", "a NumPy array (.npy)", "PIL.Image.fromarray"},
		{"xbm", "#define im_width 64\n#define im_height 64\n", "an X bitmap (XBM)", "magick"},
		{"dib", "\x28\x00\x00\x00\x40\x00\x00\x00", "a Windows bitmap without its file header (DIB)", "magick dib:IN"},
		{"pcx", "\x0a\x05\x01\x08" + at(130, ""), "a PCX image", "magick"},
		{"mkv", "\x1a\x45\xdf\xa3\x01", "a video (Matroska or WebM)", "ffmpeg"},
		{"avi", "RIFF\x10\x00\x00\x00AVI LIST", "a video (AVI)", "ffmpeg"},
		{"wav", "RIFF\x10\x00\x00\x00WAVEfmt ", "a sound file (WAV)", "sound"},
		{"ani", "RIFF\x10\x00\x00\x00ACONanih", "an animated Windows cursor (ANI)", "PNG"},
		{"riff", "RIFF\x10\x00\x00\x00\x01\x02\x1b3xxxx", `a RIFF file of the kind "\x01\x02\x1b3"`, "give an image"},
		{"mp3", "ID3\x04\x00", "a sound file (MP3)", "sound"},
		{"ts", "G" + at(187, "G") + at(187, "G") + at(187, "G"), "a video (MPEG transport stream)", "ffmpeg"},
		{"bigtiff", "II+\x00\x08\x00\x00\x00", "a BigTIFF (64-bit offsets)", "gdal_translate"},
		{"pam", "P7\nWIDTH 1\n", "a PAM image (P7)", "magick IN.pam"},
		{"pfm", "PF\n1 1\n-1.0\n", "a PFM image (32-bit float samples)", "magick IN.pfm"},
		{"lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a git-lfs pointer", "git lfs pull"},
		{"html", "<!DOCTYPE html><html><body>Log in</body></html>", "a web page (HTML)", "download"},
		{"json", `{"error": "not found"}`, "JSON", "give the file that was meant"},
		{"pickle", "\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}", "a Python pickle", "pickle"},
		{"torch", "PK\x03\x04" + at(22, "\x10\x00\x00\x00archive/data.pkl"), "a PyTorch checkpoint", "it holds a model; give an image"},
		{"zip of a JPEG", "PK\x03\x04" + at(22, "\x05\x00\x00\x00a.jpg\xff\xd8\xff\xe0"), "a zip archive", "unzip"},
		{"safetensors", "\xff\x0a\x00\x00\x00\x00\x00\x00{\"a\"", "a safetensors file", "it holds a model; give an image"},
		{"gzip", "\x1f\x8b\x08\x00", "a file compressed by gzip", "gunzip"},
		{"bom", "\xef\xbb\xbfhello", "byte-order mark", "BOM"},
		{"zeros", at(2000, ""), "nothing but zeros", "fetch it again"},
		{"empty", "", "an empty file", "fetch it again"},
		{"text", "BMW makes cars, this file is a text", "text that begins with", "meant"},
		{"more text", "P1 problems of the week\n", "text that begins with", "meant"},
		{"JPEG after a BOM", "\xef\xbb\xbf\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG image after 3 extra bytes", "tail -c +4"},
		{"PNG after a line", "\r\n\x89PNG\r\n\x1a\n\x00", "a PNG image after 2 extra bytes", "tail -c +3"},
		{"PNG as text", "\x89PNG\n\x1a\n\x00\x00\x00", "changed line ends", "binary"},
		{"base64", "/9j/4AAQSkZJRgABAQ", "base64 text", "base64 -d"},
		{"data URI", "data:image/png;base64,iVBORw0KGgo", "a data URI", "base64 -d"},
		{"noise", "\x07\x1b[2J\x9b\x00\x01\x02\x03\x04\x05\x06", `begins with "\a\x1b[2J\x9b\x00\x01\x02`, "`file NAME`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode([]byte(c.data), DecodeOptions{})
			var other *FormatError
			require.True(t, errors.As(err, &other), "%v", err)
			require.Contains(t, other.Kind, c.kind)
			require.Contains(t, other.Do, c.do)
			require.Equal(t, -1, strings.IndexFunc(err.Error(), unicode.IsControl), "%q", err.Error())
		})
	}
}

// TestRawTIFFIsNotItsPreview: only a preview with the photograph in a sub-directory is an error.
func TestRawTIFFIsNotItsPreview(t *testing.T) {
	require.NoError(t, rawPhoto(readPicture(t, "tiff-rgb-tiled.tif")))
	require.NoError(t, rawPhoto([]byte(rawTIFF("Scanner Works", false))), "no camera")
	require.Error(t, rawPhoto([]byte(rawTIFF("Nikon", false))))
	require.NoError(t, rawPhoto([]byte(rawTIFF("Nikon", false)[:20])))
}

func TestFormatErrorNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "IMG_0001.heic")
	require.NoError(t, os.WriteFile(path, []byte(box("heic")), 0o600))
	_, err := DecodeFile(path, DecodeOptions{})
	require.ErrorContains(t, err, path+": it is a HEIC image (HEIF), which is not supported: convert it: heif-convert")
}

// TestExtensions: they are sorted, in lower case, and never in both lists. Those of all test images are there.
func TestExtensions(t *testing.T) {
	seen := map[string]bool{}
	for _, list := range [][]string{Extensions, OtherExtensions} {
		require.IsIncreasing(t, list)
		for _, e := range list {
			require.Regexp(t, `^\.[a-z0-9]+$`, e)
			require.False(t, seen[e], e)
			seen[e] = true
		}
	}
	files, err := os.ReadDir("testdata/pictures")
	require.NoError(t, err)
	for _, file := range files {
		require.Contains(t, Extensions, filepath.Ext(file.Name()))
	}
}

// FuzzForeign: any unsupported bytes have a kind and advice, in printable characters.
func FuzzForeign(f *testing.F) {
	for _, m := range signatures {
		f.Add([]byte(at(m.at, m.magic)))
	}
	for _, seed := range []string{box("heic", "mif1"), rawTIFF("SONY", true), "RIFF\x10\x00\x00\x00\x1b\x02\x033", "data:image/", "\x00\x00\x01\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var other *FormatError
		require.True(t, errors.As(foreign(data), &other))
		require.NotEmpty(t, other.Kind)
		require.NotEmpty(t, other.Do)
		require.Equal(t, -1, strings.IndexFunc(other.Error(), unicode.IsControl), "%q", other.Error())
		_ = rawPhoto(data)
	})
}
