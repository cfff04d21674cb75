package kernel

import (
	"runtime"
	"sync"
)

// Bands splits n rows into one band per core, and calls band(first, end) for each. Rows are
// independent, so the result does not depend on the number of cores. A panic in a band
// becomes a panic in the caller.
func Bands(n int, band func(first, end int)) {
	bands := min(n, runtime.GOMAXPROCS(0))
	if bands == 1 {
		band(0, n)
		return
	}
	var wg sync.WaitGroup
	var once sync.Once
	var failure any
	for i := range bands {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					once.Do(func() { failure = r })
				}
			}()
			band(n*i/bands, n*(i+1)/bands)
		})
	}
	wg.Wait()
	if failure != nil {
		panic(failure)
	}
}
