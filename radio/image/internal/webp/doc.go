// Package webp decodes WebP files to the bytes that libwebp gives Pillow: lossy, lossless, with
// alpha, and the first frame of an animation.
//
// golang.org/x/image/vp8 and vp8l decode the bitstreams exactly; its webp package is not used,
// because it knows no animations, and because the colour conversion on top of it repeats chroma
// samples where libwebp interpolates them.
//
// Start at Decode. container.go walks the RIFF chunks, alpha.go reads the ALPH chunk, yuv.go is
// libwebp's chroma upsampling and colour conversion.
package webp
