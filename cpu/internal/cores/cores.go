package cores

import (
	"os"
	"runtime"
	"sync"
)

// Default is the number of threads where none is asked for: GOMAXPROCS, or the number of fast
// cores if it is known and smaller. The environment variable GOMAXPROCS is an answer: then
// small cores count too.
func Default() int { return chosen(runtime.GOMAXPROCS(0), os.Getenv("GOMAXPROCS") != "", fast()) }

// chosen is Default on a machine with so many fast cores, 0 if that is not known.
func chosen(procs int, asked bool, fast int) int {
	if asked || fast <= 0 {
		return procs
	}
	return min(procs, fast)
}

// fast asks the system once.
var fast = sync.OnceValue(system)
