// Package bmp decodes Windows bitmaps as Pillow does. It supports 1, 4, 8, 16, 24 and 32 bits per
// pixel; uncompressed, run-length encoded, or with the usual channel masks; bottom-up and
// top-down; OS/2 and Windows headers.
//
// It does not use golang.org/x/image/bmp, which has no run-length encoding, no 16 bits per
// pixel, and no channel masks.
//
// Start at Decode. header.go reads the headers, pixels.go the uncompressed rows, rle.go the encoded
// ones.
package bmp
