package cpu

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync/atomic"

	"cradio/cpu/internal/cores"
	"cradio/cpu/internal/kernel"
)

// Level is a set of CPU instructions for which there are inner loops.
type Level = kernel.Level

// The levels, slowest first. Plain and Portable are Go alone, and run on every machine. Plain
// defines the results. The others, those for amd64 and then those for arm64, are faster in
// float32 and in low precision.
const (
	Plain      = kernel.Plain      // sums in float64
	Portable   = kernel.Portable   // register tiles of float32, for machines of which there is no other level
	AVX2       = kernel.AVX2       // AVX2 and FMA
	AVXVNNI    = kernel.AVXVNNI    // and AVX-VNNI, for int8
	AVX512     = kernel.AVX512     // AVX-512 F, DQ and BW
	AVX512BF16 = kernel.AVX512BF16 // and BF16 and VNNI, for low precision
	AMX        = kernel.AMX        // and tiles of bfloat16 and int8, for float32 too
	NEON       = kernel.NEON       // what every arm64 has
	DotProd    = kernel.DotProd    // and UDOT, for int8
	I8MM       = kernel.I8MM       // and USMMLA, for int8
	BF16       = kernel.BF16       // and BFMMLA, for bfloat16
)

// Levels returns the levels that this machine supports, slowest first.
func Levels() []Level { return kernel.Levels() }

// LevelVariable is the name of the environment variable that sets the level.
const LevelVariable = "CRADIO_CPU"

var (
	current    atomic.Pointer[kernel.Table] // of Default and NewPool
	levelError error
)

func init() {
	var l Level
	l, levelError = parseLevel(os.Getenv(LevelVariable))
	if err := Use(l); err != nil {
		levelError = err
	}
}

// Choose returns the level of Default and NewPool: the fastest that this machine supports,
// or the one that the environment variable CRADIO_CPU names. If the name is unknown, or the
// machine does not support the level, that is Plain, and Choose returns an error.
func Choose() (Level, error) { return current.Load().Level, levelError }

// Use sets the level of Default and NewPool. Pools that exist keep theirs, and Default
// returns another one. Use is for tests and measurements; NewPoolAt needs no such switch.
func Use(l Level) error {
	k, err := kernel.For(l)
	if err == nil {
		current.Store(k)
	}
	return err
}

func parseLevel(name string) (Level, error) {
	have := Levels()
	if name == "" {
		return have[len(have)-1], nil
	}
	l, err := kernel.ParseLevel(name)
	if err == nil && !slices.Contains(have, l) {
		_, err = kernel.For(l)
	}
	if err != nil {
		return Plain, fmt.Errorf("%s=%s: %w", LevelVariable, name, err)
	}
	return l, nil
}

// Describe returns one line with the system, the number of threads and the level.
func Describe() string {
	l, err := Choose()
	threads, all := cores.Default(), runtime.GOMAXPROCS(0)
	s := fmt.Sprintf("%s/%s, %d threads, level %v of %v", runtime.GOOS, runtime.GOARCH, threads, l, Levels())
	if threads < all {
		s += fmt.Sprintf(", %d of %d cores are fast", threads, all)
	}
	if err != nil {
		s += " (" + err.Error() + ")"
	}
	return s
}
