//go:build nvidia && cudasim && linux && cgo

package libcudasim

import "C"

// Functions of the driver, as table.c lists them, return a CUresult.
const (
	success        = 0
	invalidValue   = 1
	outOfMemory    = 2
	invalidDevice  = 101
	invalidContext = 201
	uncorrectable  = 214
	invalidPTX     = 218
	invalidHandle  = 400
	notFound       = 500
	launchFailed   = 719
	unknown        = 999

	illegalAddress     = 700
	launchTimeout      = 702
	illegalInstruction = 715
	misalignedAddress  = 716

	captureUnsupported = 900
	capturedEvent      = 907
)

// failure is an error with the number that the driver returns for it.
type failure struct {
	code C.int
	error
}

func fail(code C.int, err error) error { return failure{code, err} }
