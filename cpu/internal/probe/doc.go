// Package probe contains the training step of linear probes: the cross entropy of linear
// classifiers over rows of features that lie anywhere, and its gradient.
//
// Start with step.go, which is the definition's interface. layout.go says how rows and
// weights lie while they are multiplied, fold.go makes weights for features as they are
// of weights for standardised ones. gather.go, forward.go, backward.go and product.go are the
// step by register tiles, split.go, split_backward.go and
// split_fold.go are that of float32 on AMX tiles, many.go is the same for many classes,
// definition.go is the step without.
package probe
