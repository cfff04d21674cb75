package image

import (
	"bytes"
	"fmt"

	"cradio/loader/filekind"
)

// Advice for unsupported files. IN and OUT stand for file names.
const (
	asFrames  = "extract its frames: ffmpeg -i IN -vf fps=1 frame%04d.png"
	asPhoto   = "develop it: dcraw_emu -T IN (of LibRaw) writes IN.tiff; or darktable-cli IN OUT.png"
	forSound  = "it holds sound; give an image"
	forModels = "it holds a model; give an image"
	heifTools = "convert it: heif-convert IN.heic OUT.png, magick IN.heic OUT.png, or on a Mac sips -s format png IN.heic --out OUT.png"
	avifTools = "convert it: magick IN.avif OUT.png, avifdec IN.avif OUT.png, or ffmpeg -i IN.avif -frames:v 1 OUT.png"
)

// magick is ImageMagick's command for files with an extension.
func magick(extension string) string { return "convert it: magick IN." + extension + " OUT.png" }

// signature is the bytes at a fixed position in files of a kind.
type signature struct {
	at    int
	magic string
	kind  string
	do    string
}

// signatures are those of common image, video and sound files.
var signatures = []signature{
	{0, "\x00\x00\x00\x0cjP  ", "a JPEG 2000 image", magick("jp2")},
	{0, "\xff\x4f\xff\x51", "a JPEG 2000 codestream", magick("j2k")},
	{0, "\x00\x00\x00\x0cJXL ", "a JPEG XL image", "convert it: djxl IN.jxl OUT.png, or magick IN.jxl OUT.png"},
	{0, "\xff\x0a", "a JPEG XL codestream", "convert it: djxl IN.jxl OUT.png, or magick IN.jxl OUT.png"},
	{0, "II\xbc", "a JPEG XR image", "convert it: JxrDecApp -i IN.jxr -o OUT.tif"},

	{0, "FUJIFILMCCD-RAW", "a Fujifilm camera's raw file (RAF)", asPhoto},
	{0, "IIRO", "an Olympus camera's raw file (ORF)", asPhoto},
	{0, "IIRS", "an Olympus camera's raw file (ORF)", asPhoto},
	{0, "MMOR", "an Olympus camera's raw file (ORF)", asPhoto},
	{0, "IIU\x00", "a Panasonic camera's raw file (RW2)", asPhoto},
	{0, "II\x1a\x00\x00\x00HEAPCCDR", "a Canon camera's raw file (CRW)", asPhoto},
	{0, "FOVb", "a Sigma camera's raw file (X3F)", asPhoto},
	{0, "\x00MRM", "a Minolta camera's raw file (MRW)", asPhoto},

	{0, "8BPS", "a Photoshop document (PSD)", "flatten and convert it: magick 'IN.psd[0]' OUT.png"},
	{0, "gimp xcf", "a GIMP document (XCF)", "flatten and convert it: magick IN.xcf -flatten OUT.png"},
	{0, "%!PS", "a PostScript drawing (EPS or PS)", "render it: gs -sDEVICE=png16m -r150 -dEPSCrop -o OUT.png IN.eps"},
	{0, "\xc5\xd0\xd3\xc6", "a PostScript drawing (EPS) with a preview", "render it: gs -sDEVICE=png16m -r150 -dEPSCrop -o OUT.png IN.eps"},
	{0, "%PDF-", "a PDF document", "render its pages: pdftoppm -png -r 150 IN.pdf OUT"},
	{0, "\xd7\xcd\xc6\x9a", "a Windows metafile (WMF)", magick("wmf")},
	{0, "\x01\x00\x09\x00\x00\x03", "a Windows metafile (WMF)", magick("wmf")},
	{40, " EMF", "an enhanced Windows metafile (EMF)", magick("emf")},
	{0, "AT&TFORM", "a DjVu document", "render it: ddjvu -format=tiff IN.djvu OUT.tif"},

	{0, "icns", "a Mac's icon (ICNS)", "convert it: icns2png -x IN.icns, or on a Mac sips -s format png IN.icns --out OUT.png"},
	{0, "\x76\x2f\x31\x01", "an OpenEXR image", magick("exr")},
	{0, "#?RADIANCE", "a Radiance HDR image (RGBE)", magick("hdr")},
	{0, "#?RGBE", "a Radiance HDR image (RGBE)", magick("hdr")},
	{0, "DDS ", "a DirectDraw surface (DDS)", magick("dds")},
	{0, "\xabKTX ", "a Khronos texture (KTX)", "convert it: ktx extract IN.ktx2 OUT.png"},
	{0, "qoif", "a QOI image", "convert it: magick IN.qoi OUT.png, or ffmpeg -i IN.qoi OUT.png"},
	{0, "FLIF", "a FLIF image", "convert it: flif -d IN.flif OUT.png"},
	{0, "BPG\xfb", "a BPG image", "convert it: bpgdec -o OUT.png IN.bpg"},
	{0, "\x01\xda", "an SGI image", magick("sgi")},
	{0, "\x59\xa6\x6a\x95", "a Sun raster image", magick("ras")},
	{0, "\x8aMNG", "an MNG animation", "extract its frames: magick IN.mng frame%04d.png"},
	{0, "\x8bJNG", "a JNG image", magick("jng")},
	{0, "\x28\x00\x00\x00", "a Windows bitmap without its file header (DIB)", "convert it: magick dib:IN OUT.png"},
	{0, "/* XPM */", "an X pixmap (XPM)", magick("xpm")},

	{128, "DICM", "a DICOM image", "convert it: dcm2img IN.dcm OUT.png (of DCMTK), or gdcm2pnm IN.dcm OUT.pgm"},
	{0, "SIMPLE  =", "a FITS image", "choose the value range and convert it: magick IN.fits -normalize OUT.png"},
	{344, "n+1\x00", "a NIfTI volume", "extract its slices in Python with nibabel"},

	{0, "\x1a\x45\xdf\xa3", "a video (Matroska or WebM)", asFrames},
	{0, "FLV\x01", "a video (Flash)", asFrames},
	{0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file (WMV or WMA)", asFrames},
	{0, "\x00\x00\x01\xba", "a video (MPEG program stream)", asFrames},
	{0, "\x00\x00\x01\xb3", "a video (MPEG)", asFrames},
	{0, "\x00\x00\x00\x01\x67", "a video (raw H.264)", asFrames},
	{0, "\x00\x00\x00\x01\x40\x01", "a video (raw H.265)", asFrames},
	{0, "YUV4MPEG2", "a video (YUV4MPEG)", asFrames},
	{0, "OggS", "an Ogg file (sound or video)", asFrames + " if it is a video"},
	{0, "ID3", "a sound file (MP3)", forSound},
	{0, "\xff\xfb", "a sound file (MP3)", forSound},
	{0, "\xff\xf3", "a sound file (MP3)", forSound},
	{0, "\xff\xf1", "a sound file (AAC)", forSound},
	{0, "fLaC", "a sound file (FLAC)", forSound},
	{0, "MThd", "a MIDI file", forSound},
	{0, "#!AMR", "a sound file (AMR)", forSound},
	{0, ".snd", "a sound file (AU)", forSound},

	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document or a Windows thumbnail cache (OLE)", "give the image file itself"},
	{0, "\x4c\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut (.lnk)", "give the file that it points to"},
	{0, "bplist00", "a Mac's property list, or the stand-in for a file that is only in iCloud", "open it in Finder once to download it, and give the file itself"},
}

// imageDo is the advice for kinds that package filekind detects, if an image is expected.
var imageDo = map[filekind.Kind]string{
	filekind.SVG:         "render it: rsvg-convert -w 1024 IN.svg -o OUT.png, or inkscape IN.svg -o OUT.png",
	filekind.NumPy:       `save it as an image in Python: PIL.Image.fromarray(numpy.load("IN.npy")).save("OUT.png")`,
	filekind.NumPyZip:    `save its images in Python: PIL.Image.fromarray(numpy.load("IN.npz")["NAME"]).save("OUT.png")`,
	filekind.HDF5:        "save its images in Python with h5py and PIL",
	filekind.Parquet:     "save its images in Python, for example with the datasets library",
	filekind.Safetensors: forModels, filekind.TorchZip: forModels, filekind.TorchLegacy: forModels,
	filekind.GGUF: forModels, filekind.ONNX: forModels, filekind.TFLite: forModels,
}

// foreign is the error for a file that no decoder supports. It names what the file is.
func foreign(data []byte) error {
	head := data[:min(len(data), filekind.HeadSize)]
	known := filekind.Of(head)
	for _, find := range []func([]byte) (kind, do string){byMark, mediaBox, riff, icon, xBitmap, mangled} {
		// A safetensors file begins with a length, which may look like another format.
		if kind, do := find(data); kind != "" && known != filekind.Safetensors {
			return &FormatError{kind, do}
		}
	}
	if what, do, ok := filekind.Describe(head); ok {
		if better := imageDo[known]; better != "" {
			do = better
		}
		return &FormatError{what, do}
	}
	for _, guess := range []func([]byte) (kind, do string){embedded, transportStream, pcx, targa} {
		if kind, do := guess(data); kind != "" {
			return &FormatError{kind, do}
		}
	}
	return &FormatError{
		Kind: fmt.Sprintf("a file of an unknown kind that begins with %q", data[:min(len(data), 12)]),
		Do:   "give JPEG, PNG, GIF, BMP, TIFF, WebP, PBM, PGM or PPM; `file NAME` may name its format",
	}
}

func byMark(data []byte) (kind, do string) {
	for _, m := range signatures {
		if len(data) > m.at && bytes.HasPrefix(data[m.at:], []byte(m.magic)) {
			return m.kind, m.do
		}
	}
	return "", ""
}
