// Gen writes the assembly of package kernel, each kernel from one description for all
// levels of an instruction set: a file a level, such as avx512_amd64.s, and its
// declarations in a Go file beside it. Run it with go generate in the package's folder.
//
// Package asm has what any instruction set needs: the text of kernels, their constants and
// declarations. Package numeric has the numbers and sums that they compute with. Package
// x86 has the kernels for amd64; those of another instruction set, such as arm64's, belong
// into a package beside it.
package main

import (
	"fmt"
	"os"

	"cradio/cpu/internal/kernel/gen/x86"
)

func main() {
	for name, text := range x86.Generate() {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
