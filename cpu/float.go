package cpu

// Float is the element type of the operations.
type Float interface{ float32 | float64 }
