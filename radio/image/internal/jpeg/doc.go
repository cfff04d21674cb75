// Package jpeg decodes JPEG files to the same bytes as libjpeg-turbo in Pillow.
//
// The standard image/jpeg gives other bytes: its inverse transform rounds differently, and it
// repeats chroma samples that libjpeg interpolates ("fancy upsampling", up to 58 levels of
// difference at sharp colour edges). It also lacks some sampling ratios.
//
// Start at Decode. The stages are markers (decode.go, segments.go), entropy coding (huffman.go,
// bits.go, sequential.go, progressive.go), inverse transform (package kernel), chroma upsampling
// (upsample.go) and colour conversion (color.go). If the first scan has all components, rows are
// painted while the rest is decoded (pipeline.go). A draft has fewer samples per block
// (draft.go).
//
// Supported: baseline, extended sequential and progressive Huffman JPEG; 8 bits; one, three or
// four components; any integral sampling ratio; restart markers; JFIF and Adobe colour markers;
// and frames of Motion JPEG, which lack the standard Huffman tables (standard.go).
//
// Not supported: arithmetic coding, lossless, hierarchical, JPEG-LS, and 12 bits. Damaged or
// truncated data are errors. So are progressive files that end before their low frequencies are
// complete. libjpeg decodes such files: it guesses where data continue after lost or stray
// restart markers, and smooths the image. The pixels are then not those of the photograph.
//
// Source: ITU T.81 and libjpeg-turbo 3.
package jpeg
