package loader

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// parallel calls body on pieces [lo, hi) that make up [0, n), one a core. Small n stays on the caller's goroutine. A
// panic, of a mapped file that has become shorter too, is the caller's.
func parallel(n int, body func(lo, hi int)) {
	const worthwhile = 1 << 16
	pieces := min(runtime.GOMAXPROCS(0), n/worthwhile)
	if pieces < 2 {
		body(0, n)
		return
	}
	var wg sync.WaitGroup
	panics := make(chan any, pieces)
	for i := range pieces {
		wg.Go(func() {
			debug.SetPanicOnFault(true)
			defer func() {
				if p := recover(); p != nil {
					panics <- p
				}
			}()
			body(i*(n/pieces)+min(i, n%pieces), (i+1)*(n/pieces)+min(i+1, n%pieces))
		})
	}
	wg.Wait()
	select {
	case p := <-panics:
		panic(p)
	default:
	}
}
