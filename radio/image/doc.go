// Package image turns picture files into the pixels that Python's Pillow and
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
// What equals Python bit for bit: the decoding of PNG, GIF, BMP, TIFF, JPEG and WebP, the six
// resize filters, centre crop, rescaling and normalising. Python is Pillow 13 and transformers 5
// here; Pillow before 13 ran the two passes of a resize in another order for pictures that lose
// far more rows than columns, and differs there in single pixels. JPEG follows libjpeg-turbo
// (accurate integer transform, triangle-filter chroma upsampling), lossy WebP follows libwebp.
//
// Transparency: Pillow's convert("RGB") drops it, CLIPImageProcessor lays the picture on white.
// Decode therefore keeps it beside the colours in RGB.Alpha, and Process composes it on white.
// A caller who wants Pillow's dropping, as in processor(image.convert("RGB")), sets Alpha to nil.
//
// Every decoder is bounded: a header that claims more than DecodeOptions.MaxPixels is refused
// before anything is allocated for it, and malformed data is an error, never a panic. What Pillow
// reads and this package refuses, by name: arithmetic-coded JPEG, JPEG with damaged or missing
// scans, PNG without its last chunk, and the rarer TIFF compressions and sample formats (see
// internal/tiff).
//
// The formats are packages of their own below internal. The tests compare with Python's results
// in conformance/images and testdata, which testdata/make.py writes.
package image
