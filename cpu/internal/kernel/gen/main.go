// Gen writes the assembly of package kernel, each kernel from one description for all
// levels of an instruction set: a file a level, such as avx512_amd64.s, and its
// declarations in a Go file beside it. Run it with go generate in the package's folder.
//
// Package asm has what any instruction set needs: the text of kernels, their constants and
// declarations. Package numeric has the numbers and sums that they compute with. Package
// x86 has the kernels for amd64, package arm64 those for arm64.
package main

import (
	"fmt"
	"maps"
	"os"

	"cradio/cpu/internal/kernel/gen/arm64"
	"cradio/cpu/internal/kernel/gen/x86"
)

func main() {
	for name, text := range generated() {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// generated are the files by name.
func generated() map[string]string {
	files := x86.Generate()
	maps.Copy(files, arm64.Generate())
	return files
}
