// Package image decodes and preprocesses image files. The pixels equal those of Python's Pillow
// and CLIPImageProcessor (transformers' CLIPImageProcessorPil), so a model gets the same
// input in Go as in Python.
//
// Start here:
//
//	img, err := image.DecodeFile("photo.jpg", image.DecodeOptions{}) // like PIL.Image.open(…).convert("RGB")
//	p := image.SquareProcessor(224, 224)                             // or ParseProcessor(preprocessor_config.json)
//	img, err = p.Process(img)                                        // resize and crop, uint8 (H, W, 3)
//	pixels := make([]float32, 3*img.H*img.W)
//	err = p.Pixels(pixels, img)                                      // rescale and normalise, float32 (3, H, W)
//
// Bounds returns a file's size without decoding it. FromImage converts an image that Go has
// decoded. DecodeOptions.Draft decodes a large JPEG faster, at a reduced size.
//
// # Equality with Python
//
// These equal Python bit for bit: decoding PNG, GIF, BMP, TIFF, JPEG, WebP, PBM, PGM and PPM,
// the six resize filters, centre crop, rescaling and normalising. JPEG follows libjpeg-turbo
// (accurate integer transform, triangle-filter chroma upsampling). Lossy WebP follows libwebp.
//
// Python means Pillow 13 and transformers 5. Earlier versions of Pillow resize some images in
// another order of passes, namely those that lose many more rows than columns. They differ
// there in single pixels.
//
// # Transparency
//
// Pillow's convert("RGB") drops transparency. CLIPImageProcessor composites the image on white.
// Decode therefore keeps transparency in RGB.Alpha, and Process composites it on white. To drop
// it, as processor(image.convert("RGB")) does, set Alpha to nil.
//
// # Errors
//
// A *TooManyPixelsError is an image above DecodeOptions.MaxPixels. It is found before memory is
// allocated. A *DamagedError is malformed data. Decoders never panic.
//
// A *FormatError is a file in a format, or with a feature, that this package does not support.
// It names the format, and a command that converts the file. Extensions lists the file name
// extensions of supported formats, OtherExtensions those of other image formats.
//
// Pillow supports some formats that this package does not: AVIF, JPEG 2000, icons and other rare
// formats; arithmetic-coded JPEG; PFM; BigTIFF; and TIFF with float, signed or 32-bit samples,
// with YCbCr that is not JPEG, or with rare compressions (see internal/tiff).
//
// Like Pillow, this package accepts some damage: a PNG without its last chunk, wrong checksums in
// a PNG from the pixel data on, and padding in place of a JPEG's end marker. Unlike Pillow, it
// does not accept files whose pixels would be wrong: JPEG with damaged or missing scans or
// restart markers, and PNG whose pixel data end before the last row.
//
// # Source
//
// Each format is a package below internal. The inner loops are in internal/kernel: portable Go,
// which defines them, and AVX2 assembly with the same bits. The tests compare with Python's
// results in conformance/images and testdata. The scripts testdata/make.py, make_lenient.py
// and make_jpeg.py write them.
package image
