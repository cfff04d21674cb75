package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Machine code of functions of three arguments, in AX, BX and CX.
var (
	configured = []byte{0xc4, 0xe2, 0x78, 0x49, 0x00}       // ldtilecfg (%rax)
	sixtyFour  = []byte{0xba, 0x40, 0, 0, 0}                // mov $64, %edx
	loaded     = []byte{0xc4, 0xe2, 0x7b, 0x4b, 0x04, 0x13} // tileloadd (%rbx,%rdx), %tmm0
	stored     = []byte{0xc4, 0xe2, 0x7a, 0x4b, 0x04, 0x11} // tilestored %tmm0, (%rcx,%rdx)
	released   = []byte{0xc4, 0xe2, 0x78, 0x49, 0xc0}       // tilerelease
	returned   = []byte{0xc3}
)

var programs = map[string][][]byte{
	"copy":         {configured, sixtyFour, loaded, stored, released, returned},
	"unconfigured": {sixtyFour, loaded, stored, released, returned},
	"released":     {configured, sixtyFour, loaded, released, stored, returned},
	"leak":         {configured, sixtyFour, loaded, stored, returned},
	"outside":      {configured, sixtyFour, loaded, stored, released, returned},
	"not AMX":      {{0x0f, 0x0b}},
}

// TestProgram is the program that TestTrace traces: the rest is done by the
// process that has its name for an argument.
func TestProgram(t *testing.T) {
	name := flag.Arg(0)
	if programs[name] == nil {
		t.Skip("it is run by TestTrace")
	}
	code, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_ANON|unix.MAP_PRIVATE)
	require.NoError(t, err)
	copy(code, bytes.Join(programs[name], nil))
	data, err := unix.Mmap(-1, 0, 3*4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	require.NoError(t, err)
	require.NoError(t, unix.Mprotect(data[8192:], unix.PROT_NONE))
	c, from, to := data[:64], data[64:1088], data[2048:3072]
	copy(c, config(shape{16, 64}))
	for i := range from {
		from[i] = byte(i * 7)
	}
	if name == "outside" {
		from = data[8192-15*64-8:]
		fmt.Printf("the page %#x\n", uintptr(unsafe.Pointer(&data[0]))+8192)
	}
	entry := unsafe.Pointer(&code[0])
	f := *(*func(c, from, to *byte))(unsafe.Pointer(&[]*unsafe.Pointer{&entry}[0]))
	done := make(chan bool)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends
		f(&c[0], &from[0], &to[0])
		close(done)
	}()
	<-done
	require.Equal(t, from[:1024], to)
}

func TestTrace(t *testing.T) {
	for name, want := range map[string]struct {
		status, executed, leaked int
		says                     string
	}{
		"copy":         {executed: 4, says: "PASS"},
		"unconfigured": {status: 2, says: "TILELOADD: no tiles are configured"},
		"released":     {status: 2, executed: 3, says: "TILESTORED: no tiles are configured"},
		"leak":         {executed: 3, leaked: 1, says: "TILERELEASE is missing"},
		"outside":      {status: 2, executed: 1, says: "[signal SIGSEGV: segmentation violation code=0x1 addr=%s"},
		"not AMX":      {status: 2, says: "SIGILL: illegal instruction"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := os.CreateTemp(t.TempDir(), "")
			require.NoError(t, err)
			defer out.Close()
			status, tr, err := trace([]string{os.Args[0], "-test.run", "^TestProgram$", name}, out, out)
			if err != nil {
				t.Skip("no program can be traced here: ", err)
			}
			said, err := os.ReadFile(out.Name())
			require.NoError(t, err)
			var page string
			if _, after, ok := bytes.Cut(said, []byte("the page ")); ok {
				page = string(bytes.Fields(after)[0])
				want.says = fmt.Sprintf(want.says, page)
			}
			require.Contains(t, string(said), want.says)
			require.Equal(t, []int{want.status, want.executed, want.leaked}, []int{status, tr.executed, tr.leaked}, string(said))
		})
	}
}

// Tile state belongs to one call of one function.
func TestExecuteOwner(t *testing.T) {
	c := config(shape{16, 64})
	var pinned runtime.Pinner
	pinned.Pin(&c[0])
	defer pinned.Unpin()
	regs := unix.PtraceRegs{Rax: uint64(uintptr(unsafe.Pointer(&c[0])))}
	own := space(os.Getpid())
	at := func(op operation, entry uint64) place {
		return place{instruction: instruction{op: op, mem: memory{base: rax, index: none, scale: 1}}, entry: entry}
	}
	var th thread
	require.NoError(t, th.execute(own, at(ldtilecfg, 8), &regs))
	require.NoError(t, th.execute(own, at(tilezero, 8), &regs))
	require.ErrorContains(t, th.execute(own, at(tilezero, 16), &regs), "must not live across a call")
	require.ErrorContains(t, th.execute(own, at(ldtilecfg, 8), &regs), "not released since")
	require.NoError(t, th.execute(own, at(tilerelease, 8), &regs))
	require.NoError(t, th.execute(own, at(ldtilecfg, 16), &regs))
	binary.LittleEndian.PutUint16(c[16:], 65)
	require.NoError(t, th.execute(own, at(tilerelease, 16), &regs))
	require.ErrorContains(t, th.execute(own, at(ldtilecfg, 16), &regs), "want at most 16 of 64")
	regs.Rax = 8
	require.ErrorIs(t, th.execute(own, at(ldtilecfg, 16), &regs), outside(8))
}

// Kernels are told apart by their names in the program's file.
func TestFunctions(t *testing.T) {
	f := functionsOf(os.Args[0])
	entry := uint64(**(**uintptr)(unsafe.Pointer(&[]func(*testing.T){TestFunctions}[0])))
	require.Equal(t, entry, f.entry(entry+3))
	require.Contains(t, f.at(entry+3), "tilesim.TestFunctions+0x3")
	require.Zero(t, functionsOf("no such file").entry(entry))
}
