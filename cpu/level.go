package cpu

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Level is a set of instructions that inner loops are written for.
type Level int

// Plain is portable Go, which every machine has and which defines the results.
const (
	Plain Level = iota
)

var levelNames = []string{Plain: "plain"}

func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return fmt.Sprintf("Level(%d)", int(l))
	}
	return levelNames[l]
}

// Levels are those that this machine has, slowest first.
func Levels() []Level { return []Level{Plain} }

// LevelVariable names the environment variable that forces a level.
const LevelVariable = "CRADIO_CPU"

type choice struct {
	level Level
	err   error
}

var choose = sync.OnceValue(func() choice {
	l, err := parseLevel(os.Getenv(LevelVariable))
	return choice{l, err}
})

// Choose is the level in use: the best that this machine has, or the one that
// the environment variable CRADIO_CPU names. If that name is unknown, or the
// machine lacks the level, it returns an error and Plain is in use.
func Choose() (Level, error) {
	c := choose()
	return c.level, c.err
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
	return Plain, fmt.Errorf("%s=%s: this machine lacks these instructions; it has %v", LevelVariable, name, have)
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
