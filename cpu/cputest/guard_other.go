//go:build !unix

package cputest

import "cradio/cpu"

func buffer[T cpu.Float](_ *test, n int) []T { return make([]T, n) }
