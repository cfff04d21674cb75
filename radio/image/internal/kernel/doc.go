// Package kernel holds the inner loops over an image's samples: the inverse transform of JPEG,
// chroma upsampling, colour conversion, the two passes of a resize, and the layouts of Go's images.
//
// Start at kernels.go. Each kernel is defined by portable Go (transform.go, reduced.go, chroma.go,
// color.go, resize.go, layout.go). On amd64 with AVX2, an assembly version with the same bits
// processes whole vectors, and the portable version the remaining elements.
package kernel
