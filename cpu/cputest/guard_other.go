//go:build !unix

package cputest

import (
	"testing"

	"cradio/cpu"
)

func buffer[T cpu.Float](_ *testing.T, n int) []T { return make([]T, n) }
