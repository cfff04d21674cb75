// Package tiff decodes the first image of a TIFF file as Pillow does.
//
// Supported are strips and tiles, chunky and planar, both byte orders and fill orders, and
// horizontal differencing. Compressions: none, LZW, deflate, PackBits, CCITT groups 3
// (one-dimensional) and 4, and JPEG. Pixels: bilevel, grey and palette of 1 to 8 bits, 16-bit
// grey, RGB and CMYK of 8 and 16 bits, with extra samples and alpha.
//
// For everything else, the error names the feature and a command that converts the file
// (names.go): BigTIFF, float, signed and 32-bit samples, YCbCr without JPEG, raw files of
// cameras, and other compressions.
//
// It does not use golang.org/x/image/tiff, which lacks CMYK, planar files and small palettes, and
// decodes tiled planar 16-bit files wrongly. It uses its LZW reader and x/image/ccitt.
//
// Pillow always applies the orientation of a TIFF file, unlike that of other formats. So does
// this package.
//
// Start at Decode. layout.go reads the fields, segments.go finds strips and tiles, compression.go
// decompresses them, samples.go and color.go make pixels.
package tiff
