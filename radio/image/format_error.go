package image

import "strings"

// FormatError reports a file in an unsupported format. The file may be valid. Use errors.As on
// errors of Decode and DecodeFile.
type FormatError struct {
	Kind string // what the file is: "a HEIC image", "a TIFF with Zstandard compression (50000)"
	Do   string // what to do, usually a command: "convert it: magick IN.heic OUT.png"
}

// Error describes the file, and what to do.
func (e *FormatError) Error() string {
	return "it is " + e.Kind + ", which is not supported: " + e.Do
}

// Extensions lists the file name extensions of the formats that Decode supports, in lower case.
var Extensions = strings.Fields(".apng .bmp .dib .gif .jfif .jif .jpe .jpeg .jpg .mpo .pbm .pgm .png .pnm .ppm .tif .tiff .webp")

// OtherExtensions lists the extensions of other image formats, in lower case. Such files must be
// converted. The error of Decode names the format and the command.
var OtherExtensions = strings.Fields(`
	.3fr .ai .arw .avif .avifs .bpg .cr2 .cr3 .crw .cur .dcm .dcr .dds .djvu .dng .emf .eps .erf .exr .fit .fits .flif
	.hdr .heic .heics .heif .heifs .hif .icns .ico .iiq .j2c .j2k .jls .jng .jp2 .jpc .jpf .jpx .jxl .jxr .kdc .mef .mng
	.mos .mrw .nef .nrw .orf .pam .pcx .pef .pfm .psb .psd .qoi .raf .ras .raw .rw2 .rwl .sgi .sr2 .srf .srw .svg .svgz
	.tga .wdp .wmf .x3f .xbm .xcf .xpm`)
