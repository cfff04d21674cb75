package loader

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// parallel calls body on pieces [lo, hi) of [0, n), one for each core. A small n is done on the caller's goroutine. A panic
// in body, such as from a mapped file that has become shorter, is raised again on the caller's goroutine.
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
