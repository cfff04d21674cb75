package kernels

import (
	"fmt"
	"strings"
	"sync"
)

// Module is a module, and the names of its kernels.
type Module struct {
	Name    string
	Kernels []string
}

// entry begins a kernel. What is before the first one is declared for all kernels of the module.
const entry = ".visible .entry "

// Modules lists all modules.
func Modules() (list []Module) {
	all, _ := files.ReadDir(".") // it has no error: the files are part of the binary
	for _, f := range all {
		m := Module{Name: strings.TrimSuffix(f.Name(), ".ptx")}
		text, _ := PTX(m.Name)
		for _, kernel := range strings.Split(text, entry)[1:] {
			name, _, _ := strings.Cut(kernel, "(")
			m.Kernels = append(m.Kernels, name)
		}
		list = append(list, m)
	}
	return list
}

// moduleOf has the module of each kernel.
var moduleOf = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, m := range Modules() {
		for _, k := range m.Kernels {
			all[k] = m.Name
		}
	}
	return all
})

// Kernel returns the PTX of one kernel: what its module declares, and the kernel. A driver then compiles
// what is launched, and none of the module's other tiles and types.
func Kernel(name string) (string, error) {
	text, err := PTX(moduleOf()[name])
	if err != nil {
		return "", fmt.Errorf("there is no kernel %q", name)
	}
	declared, all, _ := strings.Cut(text, entry)
	for _, kernel := range strings.Split(all, entry) {
		if strings.HasPrefix(kernel, name+"(") {
			return declared + entry + kernel, nil
		}
	}
	return "", fmt.Errorf("there is no kernel %q", name)
}
