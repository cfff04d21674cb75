//go:build linux

// Gen compiles the CUDA C of package kernels to PTX. The name of a file has its target:
// linear.80.cu becomes linear.80.ptx, for compute_80.
//
//	go run ./cuda/kernels/gen -nvrtc $(cuda/kernels/fetch.sh FOLDER) cuda/kernels
//
// With -check it writes nothing, and compares with the files that there are.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	library := flag.String("nvrtc", "", "`path` of libnvrtc.so.12")
	check := flag.Bool("check", false, "compare with the files that there are")
	flag.Parse()
	if *library == "" || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: gen -nvrtc PATH [-check] FOLDER")
		os.Exit(2)
	}
	if err := run(*library, flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(library, dir string, check bool) error {
	c, err := openCompiler(library)
	if err != nil {
		return err
	}
	sources, err := filepath.Glob(filepath.Join(dir, "*.cu"))
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		return fmt.Errorf("%s has no *.cu", dir)
	}
	for _, source := range sources {
		ptx, err := c.compile(source, target(source))
		if err != nil {
			return err
		}
		path := strings.TrimSuffix(source, ".cu") + ".ptx"
		if !check {
			if err := os.WriteFile(path, ptx, 0o644); err != nil {
				return err
			}
			continue
		}
		there, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(there, ptx) {
			return fmt.Errorf("%s is not what NVRTC makes of %s: run gen without -check", path, source)
		}
	}
	return nil
}

// target is what is between the last two dots of a file's name.
func target(source string) string {
	name := strings.TrimSuffix(filepath.Base(source), ".cu")
	return "compute_" + name[strings.LastIndex(name, ".")+1:]
}
