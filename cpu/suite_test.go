package cpu_test

import (
	"testing"

	"cradio/cpu/cputest"
)

func TestSuite(t *testing.T) { cputest.Run(t) }
