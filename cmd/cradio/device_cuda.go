//go:build nvidia && linux && cgo && (amd64 || arm64)

package main

import _ "cradio/cuda/driver" // registers the device cuda
