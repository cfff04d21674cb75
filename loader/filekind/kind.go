package filekind

// Kind is what a file seems to be.
type Kind int

// The kinds of files. Unknown is every other kind.
const (
	Unknown Kind = iota
	Empty
	Zeros
	LFSPointer
	XetPointer
	AnnexPointer
	HTML
	JSON
	StorageError
	SVG
	XML
	Text
	TextWithBOM
	UTF16
	Safetensors
	TorchZip
	TorchLegacy
	Pickle
	GGUF
	ONNX
	HDF5
	TFLite
	NumPy
	NumPyZip
	Zip
	Gzip
	Zstandard
	XZ
	Bzip2
	SevenZip
	Tar
	PDF
	Parquet
	AppleDouble
	PNG
	JPEG
	GIF
	WebP
	BMP
	TIFF
	JPEG2000
	JPEGXL
	HEIF
	AVIF
	Video
	Program
)

const (
	asWeights = "it holds weights: give it where weights are wanted"
	asImage   = "it is an image: give it where images are wanted"
	asData    = "give the file that was meant"
	download  = "check the address, log in if the page asks for it, and download the file again"
	toSafe    = "convert it to safetensors, or download the model's safetensors file"
)

// words are the name of each kind, and what to do if such a file is found where another kind is expected.
var words = map[Kind]struct{ what, do string }{
	Empty:        {"an empty file", "its download or copy did not begin, or failed: fetch it again"},
	Zeros:        {"nothing but zeros", "its download or copy was interrupted: fetch it again"},
	LFSPointer:   {"a git-lfs pointer, not the file itself", "run `git lfs pull` in its folder, or download the file itself"},
	XetPointer:   {"a git-xet pointer, not the file itself", "run `git xet checkout` in its folder, or download the file itself"},
	AnnexPointer: {"a git-annex pointer, not the file itself", "run `git annex get` in its folder, or download the file itself"},
	HTML:         {"a web page (HTML)", "a web page was downloaded instead of the file: " + download},
	JSON:         {"JSON", asData},
	StorageError: {"a server's error message (XML)", "the download was refused: " + download},
	SVG:          {"a drawing (SVG)", "convert it to PNG first"},
	XML:          {"XML", asData},
	Text:         {"text", asData},
	TextWithBOM:  {"UTF-8 text that begins with a byte-order mark", "save it as UTF-8 without a byte-order mark (BOM)"},
	UTF16: {"UTF-16 text, as Windows' Notepad (\"Unicode\") and PowerShell's > write",
		"save it as UTF-8 without a byte-order mark (BOM)"},
	Safetensors: {"a safetensors file", asWeights},
	TorchZip:    {"a PyTorch checkpoint (torch.save)", asWeights},
	TorchLegacy: {"a PyTorch checkpoint from before version 1.6 (torch.save)", asWeights},
	Pickle:      {"a Python pickle", "a pickle is a program, and is not run: save its contents in Python as safetensors, JSON or .npy"},
	GGUF:        {"a GGUF file, as for llama.cpp", "download the model's safetensors file"},
	ONNX:        {"an ONNX model, or another protocol buffer", toSafe},
	HDF5:        {"an HDF5 file, as Keras writes", toSafe},
	TFLite:      {"a TensorFlow Lite model", toSafe},
	NumPy:       {"a NumPy array (.npy)", asData},
	NumPyZip:    {"NumPy arrays (.npz)", asData},
	Zip:         {"a zip archive", "unpack it first: `unzip FILE`"},
	Gzip:        {"a file compressed by gzip", "unpack it first: `gunzip FILE`, or `tar -xzf FILE` if it is a .tar.gz"},
	Zstandard:   {"a file compressed by zstd", "unpack it first: `unzstd FILE`, or `tar --zstd -xf FILE` if it is a .tar.zst"},
	XZ:          {"a file compressed by xz", "unpack it first: `unxz FILE`, or `tar -xJf FILE` if it is a .tar.xz"},
	Bzip2:       {"a file compressed by bzip2", "unpack it first: `bunzip2 FILE`, or `tar -xjf FILE` if it is a .tar.bz2"},
	SevenZip:    {"a 7-Zip archive", "unpack it first: `7z x FILE`"},
	Tar:         {"a tar archive", "unpack it first: `tar -xf FILE`"},
	PDF:         {"a PDF document", asData},
	Parquet:     {"a Parquet table", asData},
	AppleDouble: {"macOS metadata of another file (AppleDouble)", "give the file of the same name without the \"._\" in front"},
	PNG:         {"a PNG image", asImage},
	JPEG:        {"a JPEG image", asImage},
	GIF:         {"a GIF image", asImage},
	WebP:        {"a WebP image", asImage},
	BMP:         {"a BMP image", asImage},
	TIFF:        {"a TIFF image", asImage},
	JPEG2000:    {"a JPEG 2000 image", "convert it to PNG first"},
	JPEGXL:      {"a JPEG XL image", "convert it to PNG first"},
	HEIF:        {"a HEIF image (HEIC), as from an iPhone", "convert it to JPEG or PNG first"},
	AVIF:        {"an AVIF image", "convert it to PNG first"},
	Video:       {"a video", "extract its frames first, for example with ffmpeg"},
	Program:     {"a program for this or another machine", asData},
}

// Describe says what a file that begins with head seems to be, such as "a web page (HTML)", and what to do if another kind
// was expected. Give it the first HeadSize bytes, or the whole file if it is shorter. ok is false for an unknown kind.
func Describe(head []byte) (what, do string, ok bool) {
	k := Of(head)
	w, ok := words[k]
	if k == Text {
		w.what += " that begins with " + begin(head)
	}
	return w.what, w.do, ok
}

// String returns the kind in words.
func (k Kind) String() string {
	if w, ok := words[k]; ok {
		return w.what
	}
	return "a file of an unknown kind"
}
