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

// table declares an array of kernels by their number of rows, from least to n.
func (d *declarations) table(name, typ, prefix, suffix string, least, n int) {
	list := make([]string, n+1)
	for i := range list {
		list[i] = "nil"
		if i >= least {
			list[i] = fmt.Sprintf("%s%d%s", prefix, i, suffix)
		}
	}
	fmt.Fprintf(&d.tables, "var %s = [...]%s{%s}\n\n", name, typ, strings.Join(list, ", "))
}

func (d *declarations) text() string {
	return notice + "package cpu\n\nimport \"unsafe\"\n\n" + strings.TrimRight(d.tables.String()+d.funcs.String(), "\n") + "\n"
}
