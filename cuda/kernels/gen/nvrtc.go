//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/ebitengine/purego"
)

// compiler is NVRTC, opened without cgo.
type compiler struct {
	create  func(program *uintptr, source, name *byte, headers int32, contents, names uintptr) int32
	compute func(program uintptr, options int32, list **byte) int32
	logSize func(program uintptr, size *uint64) int32
	log     func(program uintptr, text *byte) int32
	ptxSize func(program uintptr, size *uint64) int32
	ptx     func(program uintptr, text *byte) int32
	destroy func(program *uintptr) int32
}

// wanted is the version whose PTX is committed.
var wanted = [2]int32{12, 0}

func openCompiler(path string) (*compiler, error) {
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, err
	}
	var c compiler
	var version func(major, minor *int32) int32
	for name, f := range map[string]any{
		"nvrtcVersion": &version, "nvrtcCreateProgram": &c.create, "nvrtcCompileProgram": &c.compute,
		"nvrtcGetProgramLogSize": &c.logSize, "nvrtcGetProgramLog": &c.log,
		"nvrtcGetPTXSize": &c.ptxSize, "nvrtcGetPTX": &c.ptx, "nvrtcDestroyProgram": &c.destroy,
	} {
		purego.RegisterLibFunc(f, library, name)
	}
	var v [2]int32
	if version(&v[0], &v[1]); v != wanted {
		return nil, fmt.Errorf("%s is NVRTC %d.%d, want %d.%d: PTX of a newer one needs a newer driver", path, v[0], v[1], wanted[0], wanted[1])
	}
	return &c, nil
}

// compile returns the PTX of a file.
func (c *compiler) compile(path, target string) ([]byte, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var program uintptr
	if r := c.create(&program, text(string(source)), text(filepath.Base(path)), 0, 0, 0); r != 0 {
		return nil, fmt.Errorf("%s: nvrtcCreateProgram: error %d", path, r)
	}
	defer c.destroy(&program)
	options := []*byte{
		text("--gpu-architecture=" + target), text("--std=c++17"), text("--include-path=" + filepath.Dir(path)),
		text("--device-as-default-execution-space"),
	}
	var pin runtime.Pinner // C reads pointers to these
	defer pin.Unpin()
	for _, o := range options {
		pin.Pin(o)
	}
	if r := c.compute(program, int32(len(options)), &options[0]); r != 0 {
		return nil, fmt.Errorf("%s: nvrtcCompileProgram: error %d:\n%s", path, r, c.read(program, c.logSize, c.log))
	}
	return clean(c.read(program, c.ptxSize, c.ptx)), nil
}

// read returns a text that NVRTC holds.
func (c *compiler) read(program uintptr, size func(uintptr, *uint64) int32, get func(uintptr, *byte) int32) string {
	var n uint64
	if size(program, &n) != 0 || n == 0 {
		return ""
	}
	b := make([]byte, n)
	get(program, &b[0])
	return strings.TrimRight(string(b), "\x00")
}

// text is a string as C wants it.
func text(s string) *byte { return &append([]byte(s), 0)[0] }

// unused are variables of NVRTC's own headers, which no kernel reads: they would take memory on the device.
var unused = regexp.MustCompile(`(?m)^\.global .*nv6target.*;\n`)

// What a driver does not read: comments on lines of their own, empty lines, and all but one of several blanks.
var (
	remarks = regexp.MustCompile(`(?m)^\s*(//.*)?\n`)
	blanks  = regexp.MustCompile(`(?m)^[ \t]+|([ \t])[ \t]+`)
)

func clean(ptx string) []byte {
	b := unused.ReplaceAll([]byte(ptx), nil)
	return bytes.ReplaceAll(blanks.ReplaceAll(remarks.ReplaceAll(b, nil), []byte("$1")), []byte(", "), []byte(","))
}
