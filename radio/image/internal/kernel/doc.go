// Package kernel holds the inner loops over an image's samples: the inverse transform of JPEG,
// chroma upsampling, colour conversion, the two passes of a resize, and the layouts of Go's images.
//
// Start at kernels.go. Each kernel is defined by plain Go (transform.go, reduced.go,
// chroma.go, color.go, resize.go, layout.go); on amd64 with AVX2 an assembly version with the same bits takes the
// whole vectors, and the plain one what is left over.
package kernel
