// Package jpeg decodes JPEG files to the bytes that libjpeg-turbo gives Pillow.
//
// The standard image/jpeg is not enough: its inverse transform rounds differently, it repeats
// chroma samples where libjpeg interpolates them ("fancy upsampling", up to 58 levels apart at
// sharp colour edges), and it refuses some sampling ratios.
//
// Start at Decode. The stages, a file each: markers (decode.go, segments.go), entropy coding
// (huffman.go, bits.go, sequential.go, progressive.go), inverse transform (package kernel), chroma upsampling
// (upsample.go) and colour (color.go). A file whose first scan has all components is painted while
// it is read (pipeline.go); a draft has fewer samples a block (draft.go).
//
// Read: baseline, extended sequential and progressive Huffman JPEG, 8 bits, one, three or four
// components, any integral sampling ratio, restart markers, JFIF and Adobe colour markers, and
// frames of Motion JPEG, which leave out the standard Huffman tables (standard.go).
// Refused: arithmetic coding, lossless, hierarchical, JPEG-LS, 12 bits, damaged or truncated data,
// and progressive files that stop before their low frequencies are complete. Of the damaged and
// the unfinished libjpeg makes a picture, by guessing where the data go on after lost or stray
// restart markers and by smoothing; its pixels are not the photograph's.
//
// Source: ITU T.81 and libjpeg-turbo 3.
package jpeg
