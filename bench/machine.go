package bench

import (
	"runtime"

	"cradio/cpu"
)

// ThisMachine describes the machine.
func ThisMachine() Machine {
	m := Machine{
		CPU: runtime.GOARCH, Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Kernels: cpu.Describe(), Go: runtime.Version(),
	}
	detail(&m)
	return m
}
