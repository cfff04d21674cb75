// Package image turns image files into the pixels that Python's Pillow and
// CLIPImageProcessor (transformers' CLIPImageProcessorPil) make of them, so that a model sees
// the same numbers in Go as in Python.
//
// Start here:
//
//	img, err := image.DecodeFile("photo.jpg", image.DecodeOptions{}) // as PIL.Image.open(…).convert("RGB")
//	p := image.SquareProcessor(224, 224)                             // or ParseProcessor(preprocessor_config.json)
//	img, err = p.Process(img)                                        // resize and crop, uint8 (H, W, 3)
//	pixels := make([]float32, 3*img.H*img.W)
//	err = p.Pixels(pixels, img)                                      // rescale and normalise, float32 (3, H, W)
//
// What equals Python bit for bit: the decoding of PNG, GIF, BMP, TIFF, JPEG, WebP, PBM, PGM and PPM, the
// six resize filters, centre crop, rescaling and normalising. Python is Pillow 13 and transformers 5
// here; Pillow before 13 ran the two passes of a resize in another order for pictures that lose
// far more rows than columns, and differs there in single pixels. JPEG follows libjpeg-turbo
// (accurate integer transform, triangle-filter chroma upsampling), lossy WebP follows libwebp.
//
// Transparency: Pillow's convert("RGB") drops it, CLIPImageProcessor lays the picture on white.
// Decode therefore keeps it beside the colours in RGB.Alpha, and Process composes it on white.
// A caller who wants Pillow's dropping, as in processor(image.convert("RGB")), sets Alpha to nil.
//
// Every decoder is bounded: a header that claims more than DecodeOptions.MaxPixels is refused
// before anything is allocated for it, a *TooManyPixelsError, and malformed data is a *DamagedError,
// never a panic.
//
// A file of another kind, or one that uses what a decoder here lacks, is a *FormatError: it names
// the kind and the command that converts it. Extensions and OtherExtensions list the names of
// files of either sort. Pillow reads, and this package leaves to a converter: AVIF, JPEG 2000, icons
// and other rarer formats; arithmetic-coded JPEG; PFM; and of TIFF, BigTIFF, float, signed and
// 32-bit samples, YCbCr that is not JPEG, and the rarer compressions (see internal/tiff).
//
// Damage is judged as by Pillow, which takes a PNG without its last chunk or with wrong checksums
// from its pixels on, and a JPEG with padding for its end marker. What Pillow reads and this package
// refuses as damaged are files whose pixels are not those of the photograph: JPEG with damaged or
// missing scans, or lost restart markers, and PNG whose pixel data end before the last row.
//
// Bounds tells a file's size without decoding it. DecodeOptions.Draft reads a large JPEG at a half, a
// quarter or an eighth of its size, with the bytes of Pillow's Image.draft. FromImage takes an image that Go
// has decoded.
//
// The formats are packages of their own below internal. The inner loops are in internal/kernel: plain
// Go, which defines them, and assembly for AVX2 with the same bits. The tests compare with Python's results
// in conformance/images and testdata, which testdata/make.py, make_lenient.py and make_jpeg.py write.
package image
