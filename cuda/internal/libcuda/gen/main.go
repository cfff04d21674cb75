// Command gen writes the table of package libcuda and the jumps through it, from symbols.txt, into
// the working folder.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
)

func main() {
	log.SetFlags(0)
	text, err := os.ReadFile("symbols.txt")
	if err != nil {
		log.Fatal(err)
	}
	for name, contents := range files(strings.Fields(string(text))) {
		if err := os.WriteFile(name, []byte(contents), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// jump is a jump through entry i of the table.
type jump struct{ architecture, code string }

var jumps = []jump{
	{"amd64", "\tjmp *cradio_libcuda_table+%[1]d(%%rip)\n"},
	{"arm64", "\tadrp x16, cradio_libcuda_table+%[1]d\n\tldr x16, [x16, #:lo12:cradio_libcuda_table+%[1]d]\n\tbr x16\n"},
}

// files returns the contents of each generated file.
func files(symbols []string) map[string]string {
	const header = "// Generated from symbols.txt by gen.\n"
	all := map[string]string{}
	var table strings.Builder
	table.WriteString(header)
	for _, s := range symbols {
		fmt.Fprintf(&table, "X(%s)\n", s)
	}
	all["table.h"] = table.String()
	for _, j := range jumps {
		var b strings.Builder
		b.WriteString("//go:build nvidia && linux && cgo\n\n" + header + "\t.text\n")
		for i, s := range symbols {
			fmt.Fprintf(&b, "\t.globl %[1]s\n\t.type %[1]s, %%function\n%[1]s:\n", s)
			fmt.Fprintf(&b, j.code, 8*i)
		}
		b.WriteString("\t.section .note.GNU-stack,\"\",%progbits\n")
		all["jumps_"+j.architecture+".S"] = b.String()
	}
	return all
}
