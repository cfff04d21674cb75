package main

import (
	"debug/elf"
	"debug/gosym"
	"fmt"
)

// functions are those of a Go program, by address.
type functions struct{ table *gosym.Table }

// functionsOf reads them from the program's file; of a file that is none, there
// are none known.
func functionsOf(file string) functions {
	f, err := elf.Open(file)
	if err != nil {
		return functions{}
	}
	defer f.Close()
	lines, text := f.Section(".gopclntab"), f.Section(".text")
	if lines == nil || text == nil {
		return functions{}
	}
	data, err := lines.Data()
	if err != nil {
		return functions{}
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, text.Addr))
	if err != nil {
		return functions{}
	}
	return functions{table}
}

func (f functions) find(pc uint64) *gosym.Func {
	if f.table == nil {
		return nil
	}
	return f.table.PCToFunc(pc)
}

// entry is the first instruction of the function at pc; 0 if it is unknown.
func (f functions) entry(pc uint64) uint64 {
	if fn := f.find(pc); fn != nil {
		return fn.Entry
	}
	return 0
}

// at names an address.
func (f functions) at(pc uint64) string {
	if fn := f.find(pc); fn != nil {
		return fmt.Sprintf("%s+%#x", fn.Name, pc-fn.Entry)
	}
	return fmt.Sprintf("%#x", pc)
}
