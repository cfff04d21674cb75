package asm

import (
	"fmt"
	"strings"
)

// declarations collects the Go side of the kernels of a file.
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

// Table declares an array of kernels by their number of rows, from least to n.
func (f *File) Table(name, typ, prefix string, least, n int) {
	list := make([]string, n+1)
	for i := range list {
		list[i] = "nil"
		if i >= least {
			list[i] = fmt.Sprintf("%s%d%s", prefix, i, f.Suffix)
		}
	}
	f.TableOf(name, typ, list)
}

// TableOf declares an array of kernels, or nil, by their names in Go.
func (f *File) TableOf(name, typ string, list []string) {
	fmt.Fprintf(&f.decl.tables, "var %s%s = [...]%s{%s}\n\n", name, f.Suffix, typ, strings.Join(list, ", "))
}

// Declarations is the Go file that declares the kernels.
func (f *File) Declarations() string {
	return notice + "package kernel\n\nimport \"unsafe\"\n\n" + strings.TrimRight(f.decl.tables.String()+f.decl.funcs.String(), "\n") + "\n"
}
