// Package tiff decodes the first picture of a TIFF file as Pillow does.
//
// Read: strips and tiles, chunky and planar, both byte orders and fill orders, horizontal
// differencing; uncompressed, LZW, deflate, PackBits, CCITT groups 3 (one-dimensional) and 4, and
// JPEG; bilevel, grey and palette of 1 to 8 bits, 16-bit grey, RGB and CMYK of 8 and 16 bits,
// with extra samples and alpha. Everything else is refused with its name and a command that
// converts it (names.go): BigTIFF, float, signed and 32-bit samples, YCbCr without JPEG, cameras'
// raw data, and other compressions.
//
// golang.org/x/image/tiff is not used: it lacks CMYK, planar files and small palettes, and
// decodes tiled planar 16-bit files wrongly. Its LZW reader and x/image/ccitt are.
//
// Unlike for other formats, Pillow always turns a TIFF as its orientation field says, and so does
// this package.
//
// Start at Decode. layout.go reads the fields, segments.go finds strips and tiles, compression.go
// unpacks them, samples.go and color.go make pixels.
package tiff
