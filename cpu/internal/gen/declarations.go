package main

import (
	"fmt"
	"strings"
)

// declarations collects the Go side of the kernels.
type declarations struct {
	funcs  strings.Builder
	tables strings.Builder
}

func (d *declarations) add(name, doc, args string) {
	if doc != "" {
		doc = "// " + name + " " + doc + "\n//\n"
	}
	fmt.Fprintf(&d.funcs, "%s//go:noescape\nfunc %s(%s)\n\n", doc, name, args)
}

// table declares an array of kernels by their number of rows.
func (d *declarations) table(name, typ, prefix, suffix string, n int) {
	fmt.Fprintf(&d.tables, "var %s = [...]%s{nil", name, typ)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&d.tables, ", %s%d%s", prefix, i, suffix)
	}
	d.tables.WriteString("}\n\n")
}

func (d *declarations) text() string {
	return notice + "package cpu\n\nimport \"unsafe\"\n\n" + strings.TrimRight(d.tables.String()+d.funcs.String(), "\n") + "\n"
}
