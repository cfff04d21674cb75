//go:build unix

package loader

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestCutShort: a file that is cut short while it is mapped gives an error that names it, from every way to read it, and
// in every goroutine of a conversion.
func TestCutShort(t *testing.T) {
	const n = 1 << 18
	path := filepath.Join(t.TempDir(), "model.safetensors")
	require.NoError(t, Write(path, []Tensor{
		{"floats", F32, []int{n}, Float32Data(make([]float32, n))},
		{"halves", F16, []int{n}, ByteData(make([]byte, 2*n))},
		{"bytes", U8, []int{n}, ByteData(make([]byte, n))},
	}, nil))
	c, err := OpenPath(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	f := c.sources[0].(*File)
	floats, err := f.Float32("floats", n)
	require.NoError(t, err)
	require.Zero(t, floats[n-1])
	size := len(f.mapped)
	require.NoError(t, os.Truncate(path, 100))

	says := []string{path, "bytes when it was opened, has 100 now", "leave a file as it is"}
	_, err = f.Float32("halves", n)
	requireError(t, err, says...)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = f.Int64("bytes", n)
	requireError(t, err, says...)
	_, err = f.Uint8("bytes", n)
	requireError(t, err, says...)
	_, err = f.Checksum(context.Background())
	requireError(t, err, says...)

	// What a reader of the view does.
	read := func() (err error) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer func() { err = c.Fault(recover().(interface{ Addr() uintptr }).Addr()) }()
		require.NotZero(t, floats[n-1], "must not be reached")
		return nil
	}
	requireError(t, read(), says...)

	start := uintptr(unsafe.Pointer(unsafe.SliceData(f.mapped)))
	require.NoError(t, f.Fault(start-1))
	require.NoError(t, f.Fault(start+uintptr(size)+uintptr(os.Getpagesize())))
	require.NoError(t, f.Fault(uintptr(unsafe.Pointer(t))))
	require.NoError(t, os.Truncate(path, int64(size)))
	requireError(t, f.Fault(start), "byte 0 cannot be read", "check the disk")
	require.NoError(t, os.Remove(path))
	requireError(t, f.Fault(start), "is gone now")
}

// TestGuardedLetsMistakesPass: a panic that is no fault of the file's is not taken for one.
func TestGuardedLetsMistakesPass(t *testing.T) {
	f := open(t, checkpoints+"hub/model.safetensors")
	require.PanicsWithValue(t, "mistake", func() { _ = f.guarded(func() { panic("mistake") }) })
	require.Panics(t, func() {
		_ = f.guarded(func() {
			var nowhere *int
			*nowhere = 1
		})
	})
}
