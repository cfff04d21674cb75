package image

import "strings"

// FormatError reports a file that is whole, as far as can be told, but of a kind that is not read.
// errors.As finds it in what Decode and DecodeFile return.
type FormatError struct {
	Kind string // what the file is, in words: "a HEIC image", "a TIFF with Zstandard compression (50000)"
	Do   string // what helps, mostly a command: "convert it: magick IN.heic OUT.png"
}

// Error says what the file is and what to do.
func (e *FormatError) Error() string {
	return "it is " + e.Kind + ", which is not read here: " + e.Do
}

// Extensions are the endings of names of files that Decode can read, in lower case.
var Extensions = strings.Fields(".apng .bmp .dib .gif .jfif .jif .jpe .jpeg .jpg .mpo .pbm .pgm .png .pnm .ppm .tif .tiff .webp")

// OtherExtensions are the endings, in lower case, of image files that people have and that must be
// converted first. Decode names their kinds and the command.
var OtherExtensions = strings.Fields(`
	.3fr .ai .arw .avif .avifs .bpg .cr2 .cr3 .crw .cur .dcm .dcr .dds .djvu .dng .emf .eps .erf .exr .fit .fits .flif
	.hdr .heic .heics .heif .heifs .hif .icns .ico .iiq .j2c .j2k .jls .jng .jp2 .jpc .jpf .jpx .jxl .jxr .kdc .mef .mng
	.mos .mrw .nef .nrw .orf .pam .pcx .pef .pfm .psb .psd .qoi .raf .ras .raw .rw2 .rwl .sgi .sr2 .srf .srw .svg .svgz
	.tga .wdp .wmf .x3f .xbm .xcf .xpm`)
