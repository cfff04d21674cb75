// Package conformance compares the model with PyTorch, tensor by tensor.
//
// A suite is a folder of bundles and a MANIFEST.json. A bundle is a safetensors file, which gzip
// may have compressed (compressed.go), with pixels and with reference tensors: the tensors of a model for these pixels, computed in float64 by
// reference/reference.py. MANIFEST.json holds PyTorch's own error on each tensor. README.md
// describes the files, and how to make more.
//
//	suite, err := conformance.Open("conformance")
//	report, err := suite.Run(ctx, conformance.Options{})
//	report.Err() // nil if all errors are within their limits
//
// [Open] finds the bundles, [Suite.Run] computes and compares, and [Report] prints the results.
// Each kind of bundle has a file: forward.go, gradient.go, intermediates.go, checkpoint.go,
// images.go.
//
// A checkpoint, in any layout, is compared with the bundle of the same architecture and weights,
// which match.go finds. If no bundle has the outputs of its weights, rounded.go and native.go
// compare it with our own float64 run.
//
// # Limits
//
// For each tensor, the ratio is our root-mean-square error divided by PyTorch's in float32. Its
// limit is [MaxRatio]. The limit of the geometric mean of all ratios is [MaxMean]. compare.go
// explains the case that PyTorch's error is 0, or smaller than the rounding of the reference.
// estimate.go explains the limit of tensors for which PyTorch's error was not recorded.
//
// In bfloat16, the baseline is PyTorch under autocast. In int8, gradients are skipped, and it is
// ONNX Runtime with dynamic int8, whose error is known for the outputs of full-size models; the
// limit is [MaxInt8Ratio].
package conformance
