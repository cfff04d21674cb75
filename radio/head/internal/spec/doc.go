// Package spec describes heads: the kinds, their tensors, and head.json. It knows no graph, and is
// exported by package head.
package spec
