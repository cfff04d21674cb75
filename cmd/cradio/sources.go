package main

import (
	"fmt"
	"strconv"
	"strings"

	"cradio/radio"
)

// expandSource gives the sources that a name means for a model of so many blocks. class:last:N,
// block:last:N and block:quarters are several, in the order of the blocks; other names are themselves.
func expandSource(name string, blocks int) (list []radio.Source, err error) {
	kind, of, _ := strings.Cut(name, ":")
	one := map[string]func(int) radio.Source{"class": radio.ClassSource, "block": radio.BlockSource}[kind]
	last, isLast := strings.CutPrefix(of, "last:")
	switch {
	case one != nil && isLast:
		n, err := strconv.Atoi(last)
		if err != nil || n < 1 || n > blocks {
			return nil, fmt.Errorf("%s: want last:N with N from 1 to %d, the blocks of the model", shown(name), blocks)
		}
		for i := blocks - n; i < blocks; i++ {
			list = append(list, one(i))
		}
		return list, nil
	case kind == "block" && of == "quarters":
		for i := 1; i <= 4; i++ {
			if at := one(max(blocks*i/4-1, 0)); len(list) == 0 || list[len(list)-1] != at {
				list = append(list, at)
			}
		}
		return list, nil
	}
	return []radio.Source{radio.Source(name)}, radio.Source(name).Check()
}
