// Package graphtest is the suite that any graph.Device passes.
//
//	func TestSuite(t *testing.T) {
//		device, err := graph.Open("cuda", graph.DeviceOptions{Frozen: true})
//		…
//		graphtest.Run(t, device)
//	}
//
// [Run] computes every operation, and some that devices fuse, on odd shapes: forward against
// the definition in float64, gradients against the definition and against finite
// differences, with NaN and infinity, and twice for the same bits. What the device lacks is
// skipped, and the log names it. [Speed] measures products as a part of a peak.
//
// An [UpdateCase] is an operation that writes weights: some steps of each are compared with
// the definition.
//
// The definition is that of the default device, whose package the test has to link:
// cradio/cpu/machine.
//
// A new operation needs a [Case]; see the comment of package graph.
//
// Start with cases.go, then run.go.
package graphtest
