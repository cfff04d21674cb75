// Package bmp decodes Windows bitmaps as Pillow does: 1, 4, 8, 16, 24 and 32 bits a pixel, plain,
// run-length coded or with the usual channel masks, bottom-up and top-down, OS/2 and Windows
// headers.
//
// golang.org/x/image/bmp is not used: it knows neither run-length coding nor 16 bits nor masks.
//
// Start at Decode. header.go reads the headers, pixels.go the plain rows, rle.go the coded ones.
package bmp
