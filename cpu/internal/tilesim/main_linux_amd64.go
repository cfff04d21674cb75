package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: tilesim program [argument ...]")
		os.Exit(2)
	}
	status, t, err := trace(os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tilesim:", err)
		os.Exit(2)
	}
	if status == 0 && t.leaked > 0 {
		status = 1
	}
	os.Exit(status)
}
