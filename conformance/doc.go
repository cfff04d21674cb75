// Package conformance compares the model with PyTorch, tensor by tensor.
//
// A suite is a folder of bundles: safetensors files, each with pixels and with
// the true tensors that a model makes of them, computed in float64 by
// reference/reference.py, and MANIFEST.json with how far PyTorch itself is from
// the truth. README.md describes the files and how to make more.
//
//	suite, err := conformance.Open("conformance")
//	report, err := suite.Run(ctx, conformance.Options{})
//	report.Err() // nil if every mark is met
//
// [Open] finds the bundles, [Suite.Run] computes and compares, [Report] prints.
// One file for each kind of bundle: forward.go, gradient.go, intermediates.go,
// checkpoint.go, pictures.go.
//
// A checkpoint, in any layout, is compared with the bundle of the same architecture and
// weights: match.go finds it. Where none knows the outputs of its weights, rounded.go
// and native.go compare it with our own float64 run.
//
// # The mark
//
// On each tensor, the ratio of our root-mean-square error to that of PyTorch in
// float32 is at most [MaxRatio], and the geometric mean of all ratios at most
// [MaxMean]. compare.go says what happens where PyTorch's error is zero or
// smaller than the rounding of the truth, estimate.go what a tensor is held to
// for which PyTorch's error was not recorded.
//
// In bfloat16 it is PyTorch under autocast, and gradients are left out. In int8 it is
// ONNX Runtime with dynamic int8, whose error is known of the outputs of full-size
// models: there the ratio is at most [MaxInt8Ratio].
package conformance
