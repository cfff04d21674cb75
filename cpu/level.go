package cpu

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// Level is a set of CPU instructions for which there are inner loops.
type Level int

// The levels, slowest first. Plain is portable Go. It runs on every machine, and
// defines the results. The others are for amd64, for float32 and narrow precisions.
const (
	Plain      Level = iota
	AVX2             // AVX2 and FMA
	AVXVNNI          // and AVX-VNNI, for int8
	AVX512           // AVX-512 F, DQ and BW
	AVX512BF16       // and BF16 and VNNI, for the narrow precisions
	AMX              // and tiles of bfloat16 and int8, for float32 too
)

var levelNames = []string{"plain", "avx2", "avxvnni", "avx512", "avx512bf16", "amx"}

func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return fmt.Sprintf("Level(%d)", int(l))
	}
	return levelNames[l]
}

// Levels returns the levels that this machine supports, slowest first.
func Levels() []Level {
	have := []Level{Plain}
	for _, k := range available() {
		have = append(have, k.level)
	}
	return have
}

// LevelVariable is the name of the environment variable that sets the level.
const LevelVariable = "CRADIO_CPU"

var levelError error

func init() {
	var l Level
	l, levelError = parseLevel(os.Getenv(LevelVariable))
	if err := Use(l); err != nil {
		levelError = err
	}
}

// Choose returns the level in use: the fastest that this machine supports, or the one
// that the environment variable CRADIO_CPU names. If the name is unknown, or the machine
// does not support the level, Plain is used and Choose returns an error.
func Choose() (Level, error) {
	if k := current.Load(); k != nil {
		return k.level, levelError
	}
	return Plain, levelError
}

// Use sets the level for everything that is packed and run from now on. A Matrix that
// was packed before keeps its level. Use is for tests and measurements.
func Use(l Level) error {
	if l == Plain {
		current.Store(nil)
		return nil
	}
	for _, k := range available() {
		if k.level == l {
			current.Store(k)
			return nil
		}
	}
	return lacks(l)
}

func lacks(l Level) error {
	return fmt.Errorf("level %v: this machine does not support its instructions; it supports %v", l, Levels())
}

func parseLevel(name string) (Level, error) {
	have := Levels()
	if name == "" {
		return have[len(have)-1], nil
	}
	i := slices.Index(levelNames, strings.ToLower(name))
	if i < 0 {
		return Plain, fmt.Errorf("%s=%s: no such level; the levels are %s", LevelVariable, name, strings.Join(levelNames, ", "))
	}
	if l := Level(i); slices.Contains(have, l) {
		return l, nil
	}
	return Plain, fmt.Errorf("%s=%s: %w", LevelVariable, name, lacks(Level(i)))
}

// Describe returns one line with the system, the number of threads and the level.
func Describe() string {
	l, err := Choose()
	s := fmt.Sprintf("%s/%s, %d threads, level %v of %v", runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), l, Levels())
	if err != nil {
		s += " (" + err.Error() + ")"
	}
	return s
}
