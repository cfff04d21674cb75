package form

import (
	"fmt"
	"slices"
)

// Form is how the operands of a matrix product lie in memory. Its values are documented
// in package cpu.
type Form uint8

// The forms. Dense is float32 or float64.
const (
	Dense Form = iota
	BFloat16
	Int8
)

var names = []string{"full", "bfloat16", "int8"}

func (f Form) String() string {
	if int(f) >= len(names) {
		return fmt.Sprintf("Form(%d)", int(f))
	}
	return names[f]
}

// Parse returns the Form whose String is name.
func Parse(name string) (Form, error) {
	i := slices.Index(names, name)
	if i < 0 {
		return Dense, fmt.Errorf("precision is %q, want one of %v", name, names)
	}
	return Form(i), nil
}
