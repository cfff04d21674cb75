package bench

import (
	"runtime"

	"cradio/cpu"
)

// Machine describes what was measured on.
type Machine struct {
	CPU     string   `json:"cpu"`
	Flags   []string `json:"flags,omitempty"` // those that matter to kernels
	Cores   int      `json:"cores"`
	Caches  []string `json:"caches,omitempty"` // "L2 1024K"
	Memory  int64    `json:"memory_bytes,omitempty"`
	System  string   `json:"system"`
	Kernels string   `json:"kernels"` // what this library makes of it
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
