//go:build !(linux && amd64)

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "tilesim: it traces programs on linux/amd64 only")
	os.Exit(2)
}
