package bench

import (
	"runtime"

	"cradio/cpu"
)

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

// ThisMachine describes the machine.
func ThisMachine() Machine {
	m := Machine{
		CPU: runtime.GOARCH, Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Kernels: cpu.Describe(), Go: runtime.Version(),
	}
	m.detail()
	return m
}
