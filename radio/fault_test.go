//go:build unix

package radio

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
	"unsafe"

	"cradio/cpu"
	"cradio/graph"
	"cradio/loader"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
	"gorgonia.org/tensor"
)

// lost is the error of a file that was changed while a model used it.
func lost(t *testing.T, err error, path string) {
	var changed *ChangedError
	require.ErrorAs(t, err, &changed)
	require.Equal(t, path, changed.Path)
	if changed.Now != changed.Was {
		require.Contains(t, err.Error(), fmt.Sprintf("was %d bytes when it was opened, is %d bytes now", changed.Was, changed.Now))
	} else {
		require.Contains(t, err.Error(), "has been written to since it was opened")
	}
	require.Contains(t, err.Error(), "leave it in place while it is used, or open the model again")
}

// TestFileCutShortInUse: a checkpoint, in whatever precision and at whatever level, that
// another process empties, cuts or writes over is an error that names it, before the
// first run and after others. Other models go on.
func TestFileCutShortInUse(t *testing.T) {
	x := different(2, 64, 64)
	spoil := map[string]func(t *testing.T, path string){
		"emptied": func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 0)) },
		"halved": func(t *testing.T, path string) {
			s, err := os.Stat(path)
			require.NoError(t, err)
			require.NoError(t, os.Truncate(path, s.Size()/2))
		},
		"written over": func(t *testing.T, path string) {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, append(data[:len(data)-8], "changed!"...), 0o644))
			later := time.Now().Add(time.Second)
			require.NoError(t, os.Chtimes(path, later, later)) // the clock of some file systems is coarse
		},
	}
	levels := cpu.Levels()
	atLevels(t, func(t *testing.T, level cpu.Level) {
		other, err := Open(context.Background(), folder(t, "hub"), Options{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, other.Close()) })
		want := forward(t, other, x, Request{})
		for _, dtype := range DTypes() {
			if dtype.GPUAlone() {
				continue
			}
			for _, kind := range []string{"hub", "hub-bfloat16", "hub-float16", "hub-sharded"} {
				if kind != "hub" && (level != levels[len(levels)-1] || dtype == Int8) {
					continue
				}
				for how, spoil := range spoil {
					for _, before := range []int{0, 2} {
						dir := folder(t, kind)
						m, err := Open(context.Background(), dir, Options{DType: dtype})
						require.NoError(t, err)
						for range before {
							forward(t, m, x, Request{})
						}
						paths, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
						require.NoError(t, err)
						spoil(t, paths[0])
						for range 2 {
							_, err = m.Run(context.Background(), x, Request{})
							lost(t, err, paths[0])
							_, err = m.Run(context.Background(), different(1, 32, 48), Request{})
							lost(t, err, paths[0])
						}
						if how == "emptied" && len(paths) == 1 {
							_, err = m.WritePack(context.Background(), "", nil)
							require.Error(t, err)
						}
						require.NoError(t, m.Close())
					}
				}
			}
		}
		got := forward(t, other, x, Request{})
		require.Equal(t, want.Features.Data(), got.Features.Data())
	})
}

// TestPackCutShortInUse is the same of a pack, which kernels read as it lies: the fault
// is in the middle of a product, on whichever thread.
func TestPackCutShortInUse(t *testing.T) {
	x := different(2, 64, 64)
	atLevels(t, func(t *testing.T, level cpu.Level) {
		if level == cpu.Plain {
			return // has no packs of float32
		}
		for _, dtype := range []DType{Float32, BFloat16, Int8} {
			dir := folder(t, "hub")
			packed(t, dir, dtype)
			m, err := Open(context.Background(), dir, Options{DType: dtype})
			require.NoError(t, err)
			require.NotNil(t, m.Pack())
			forward(t, m, x, Request{})
			require.NoError(t, os.Truncate(m.Pack().Path, 4096))
			for range 3 {
				_, err = m.Run(context.Background(), x, Request{})
				lost(t, err, m.Pack().Path)
			}
			err = m.VerifyPack(context.Background())
			lost(t, err, m.Pack().Path)
			require.NoError(t, m.Close())
		}
	})
}

// TestReplacedFileIsAsItWas: a file whose place another one takes, or that is removed,
// stays what it is for those who have it open.
func TestReplacedFileIsAsItWas(t *testing.T) {
	x := different(1, 32, 32)
	dir := folder(t, "hub")
	m, err := Open(context.Background(), dir, Options{})
	require.NoError(t, err)
	defer m.Close()
	path := filepath.Join(dir, "model.safetensors")
	require.NoError(t, os.WriteFile(path+".new", []byte("another"), 0o644))
	require.NoError(t, os.Rename(path+".new", path))
	want := forward(t, m, x, Request{})
	require.NoError(t, os.Remove(path))
	require.Equal(t, want.Summary.Data(), forward(t, m, x, Request{}).Summary.Data())
}

// faultyTask touches memory that is not there, on the threads that it is told.
type faultyTask struct {
	memory []byte
	on     func(worker int) bool
}

func (f *faultyTask) Do(worker, i int) {
	if f.on(worker) {
		runtime.KeepAlive(f.memory[i%len(f.memory)] + 1)
		sink = f.memory[len(f.memory)-1]
	}
	time.Sleep(time.Millisecond)
}

var sink byte

// gone is a page of a mapped file that is empty.
func gone(t testing.TB) []byte {
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, f.Truncate(int64(os.Getpagesize())))
	b, err := unix.Mmap(int(f.Fd()), 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_SHARED)
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Munmap(b) })
	require.NoError(t, f.Truncate(0))
	return b
}

// TestFaultOnEachThread: the fault of a pool's thread is the caller's, and the pool works
// on.
func TestFaultOnEachThread(t *testing.T) {
	pool := cpu.NewPool(3)
	defer pool.Close()
	b := gone(t)
	addr := func() (addr uintptr, ok bool) {
		defer func() { addr, ok = graph.FaultAddress(recover()) }()
		pool.Run(64, &faultyTask{b, func(worker int) bool { return worker > 0 }})
		return 0, false
	}
	for range 3 {
		at, ok := addr()
		require.True(t, ok)
		begin := uintptr(unsafe.Pointer(&b[0]))
		require.True(t, at >= begin && at < begin+uintptr(len(b)))
		pool.Run(8, &faultyTask{b, func(int) bool { return false }})
	}
}

// TestOtherFaultsEndTheProcess: a fault in memory that is none of a model's is as it was,
// also on a thread of the pool and within a run.
func TestOtherFaultsEndTheProcess(t *testing.T) {
	const mode = "CRADIO_TEST_FAULT"
	if os.Getenv(mode) != "" {
		b := gone(t)
		g := graph.New(tensor.Float32)
		x := g.Input("x", 1, 4)
		p, err := g.Compile(graph.Target{Fault: func(uintptr) error { return nil }}, g.At("y").Scale(x, 2))
		require.NoError(t, err)
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		m.Trace(func(*graph.Instruction, time.Duration) { sink = b[0] })
		err = m.Run(context.Background())
		fmt.Println("went on with", err)
		return
	}
	if testing.Short() {
		t.Skip("starts a process")
	}
	c := exec.Command(os.Args[0], "-test.run=^TestOtherFaultsEndTheProcess$")
	c.Env = append(os.Environ(), mode+"=1")
	out, err := c.CombinedOutput()
	require.Error(t, err, "%s", out)
	require.NotContains(t, string(out), "went on with")
	require.Contains(t, string(out), "[signal SIGBUS")
}

// TestFaultWhilePacksAreCompared: a file that goes while it is opened is an error too.
func TestFaultWhilePacksAreCompared(t *testing.T) {
	dir := folder(t, "hub")
	packed(t, dir, BFloat16)
	src, err := loader.OpenFolder(dir)
	require.NoError(t, err)
	defer src.Close()
	path := filepath.Join(dir, "model.safetensors")
	files, err := openFiles(src, nil)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(path, 0))
	func() {
		defer files.guard(&err, debug.SetPanicOnFault(true))
		_, err = src.Files()[0].Checksum(context.Background())
	}()
	lost(t, err, path)
	require.False(t, strings.Contains(err.Error(), "goroutine"))
	require.True(t, bytes.Contains([]byte(err.Error()), []byte(path)))
}
