// Package form contains the forms in which values lie in memory beside plain float32 and
// float64: rows of bfloat16, and rows of int8 with a scale and an offset.
//
// Start with form.go, then activations.go. rows.go has the conversions of a row.
package form
