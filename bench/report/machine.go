package report

import "strings"

// Machine describes the machine of a measurement.
type Machine struct {
	CPU     string   `json:"cpu"`
	Flags   []string `json:"flags,omitempty"` // those that affect kernels
	Cores   int      `json:"cores"`
	Caches  []string `json:"caches,omitempty"` // "L2 1024K"
	Memory  int64    `json:"memory_bytes,omitempty"`
	System  string   `json:"system"`
	Kernels string   `json:"kernels"` // the instructions that this library uses
	Go      string   `json:"go"`
}

// short names the processor and the instructions that this library uses.
func (m Machine) short() string {
	name, _, _ := strings.Cut(m.CPU, " (")
	if _, level, ok := strings.Cut(m.Kernels, "level "); ok {
		level, _, _ = strings.Cut(level, " ")
		name += ", " + level
	}
	return name
}
