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
// What equals Python bit for bit: PNG, GIF, BMP, TIFF, JPEG and WebP decoding, the six resize
// filters, centre crop, rescaling and normalising. JPEG follows libjpeg-turbo (slow integer
// IDCT, triangle-filter chroma upsampling) and lossy WebP follows libwebp.
//
// Transparency: Pillow's convert("RGB") drops it, CLIPImageProcessor lays the picture on white.
// Decode therefore keeps it beside the colours in RGB.Alpha, and Process composes it on white.
// A caller who wants Pillow's dropping sets Alpha to nil.
//
// Every decoder is bounded: a header that claims more than DecodeOptions.MaxPixels is refused
// before anything is allocated, and malformed data is an error, never a panic.
package image
