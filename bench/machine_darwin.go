package bench

import "golang.org/x/sys/unix"

// detail asks for the name of the processor and the memory.
func detail(m *Machine) {
	if name, err := unix.Sysctl("machdep.cpu.brand_string"); err == nil && name != "" {
		m.CPU = name
	}
	if bytes, err := unix.SysctlUint64("hw.memsize"); err == nil {
		m.Memory = int64(bytes)
	}
}
