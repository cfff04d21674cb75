// Package webp decodes WebP files to the same bytes as libwebp in Pillow: lossy, lossless, with
// alpha, and the first frame of an animation.
//
// It uses golang.org/x/image/vp8 and vp8l, which decode the bitstreams exactly. It does not use
// golang.org/x/image/webp, which has no animations, and whose colour conversion repeats chroma
// samples that libwebp interpolates.
//
// Start at Decode. container.go reads the RIFF chunks, alpha.go the ALPH chunk. yuv.go is libwebp's
// chroma upsampling and colour conversion.
package webp
