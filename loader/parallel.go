package loader

import (
	"runtime"
	"sync"
)

// parallel calls body on pieces [lo, hi) that make up [0, n), one a core. Small n stays on the caller's goroutine.
func parallel(n int, body func(lo, hi int)) {
	const worthwhile = 1 << 16
	pieces := min(runtime.GOMAXPROCS(0), n/worthwhile)
	if pieces < 2 {
		body(0, n)
		return
	}
	var wg sync.WaitGroup
	for i := range pieces {
		wg.Go(func() { body(i*(n/pieces)+min(i, n%pieces), (i+1)*(n/pieces)+min(i+1, n%pieces)) })
	}
	wg.Wait()
}
