package cpu

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// Level is a set of instructions that inner loops are written for.
type Level int

// The levels, slowest first. Plain is portable Go, which every machine has and
// which defines the results; the others are amd64, for float32 and narrower.
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

// Levels are those that this machine has, slowest first.
func Levels() []Level {
	have := []Level{Plain}
	for _, k := range available() {
		have = append(have, k.level)
	}
	return have
}

// LevelVariable names the environment variable that forces a level.
const LevelVariable = "CRADIO_CPU"

var levelError error

func init() {
	var l Level
	l, levelError = parseLevel(os.Getenv(LevelVariable))
	if err := Use(l); err != nil {
		levelError = err
	}
}

// Choose is the level in use: the best that this machine has, or the one that
// the environment variable CRADIO_CPU names. If that name is unknown, or the
// machine lacks the level, it returns an error and Plain is in use.
func Choose() (Level, error) {
	if k := current.Load(); k != nil {
		return k.level, levelError
	}
	return Plain, levelError
}

// Use sets the level of everything packed and run from now on; a Matrix packed
// before keeps its own. It is for tests and measurements.
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
	return fmt.Errorf("level %v: this machine lacks its instructions; it has %v", l, Levels())
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

// Describe says in one line what the kernels run on.
func Describe() string {
	l, err := Choose()
	s := fmt.Sprintf("%s/%s, %d threads, level %v of %v", runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), l, Levels())
	if err != nil {
		s += " (" + err.Error() + ")"
	}
	return s
}
