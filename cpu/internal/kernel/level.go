package kernel

import (
	"fmt"
	"slices"
	"strings"
)

// Level is a set of CPU instructions for which there are inner loops. Its methods and
// values are documented in package cpu.
type Level int

// The levels, slowest first for each kind of processor.
const (
	Plain Level = iota
	Portable
	AVX2
	AVXVNNI
	AVX512
	AVX512BF16
	AMX
	NEON
	DotProd
	I8MM
	BF16
)

var levelNames = []string{"plain", "portable", "avx2", "avxvnni", "avx512", "avx512bf16", "amx", "neon", "dotprod", "i8mm", "bf16"}

func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return fmt.Sprintf("Level(%d)", int(l))
	}
	return levelNames[l]
}

// ParseLevel returns the level of a name, in any case of letters.
func ParseLevel(name string) (Level, error) {
	if i := slices.Index(levelNames, strings.ToLower(name)); i >= 0 {
		return Level(i), nil
	}
	return Plain, fmt.Errorf("no such level; the levels are %s", strings.Join(levelNames, ", "))
}

// Levels returns the levels that this machine supports, slowest first.
func Levels() []Level {
	var have []Level
	for _, t := range Tables() {
		have = append(have, t.Level)
	}
	return have
}

// Tables are the tables that this machine supports, slowest first: the plain one, the portable
// one, and those of its instructions.
func Tables() []*Table { return append([]*Table{plainTable, portableTable}, accelerated()...) }

var plainTable = New(Plain, square)

// For returns the table of a level.
func For(l Level) (*Table, error) {
	for _, t := range Tables() {
		if t.Level == l {
			return t, nil
		}
	}
	return nil, fmt.Errorf("level %v: this machine does not support its instructions; it supports %v", l, Levels())
}
