package index_test

import (
	"os"
	"syscall"
	"testing"

	"cradio/radio/features"
	"cradio/radio/index"
	"cradio/radio/internal/rowfile/rowfiletest"

	"github.com/stretchr/testify/require"
)

func encode(t testing.TB, dir string) int {
	t.Helper()
	n, err := index.Encode(t.Context(), dir, nil)
	require.NoError(t, err)
	return n
}

// TestEncode: only what is new gets codes, and what is gone leaves none behind.
func TestEncode(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, between(0, 30)...)
	requireFinds(t, dir, between(0, 30)...)
	require.Equal(t, 30, encode(t, dir))
	requireFinds(t, dir, between(0, 30)...)
	require.Zero(t, encode(t, dir))
	fill(t, dir, between(0, 40)...)
	require.Equal(t, 10, encode(t, dir))
	requireFinds(t, dir, between(0, 40)...)
	fill(t, dir, between(5, 40)...)
	require.Zero(t, encode(t, dir))
	requireFinds(t, dir, between(5, 40)...)
	codes := read(t, fileOf(t, dir, ".codes"))
	require.Equal(t, make([]byte, 5*128), codes[:5*128])
	fill(t, dir, between(3, 40)...) // in their places
	require.Equal(t, 2, encode(t, dir))
	requireFinds(t, dir, between(3, 40)...)
	require.Len(t, read(t, fileOf(t, dir, ".codes")), 40*128)
	fill(t, dir, between(0, 200)...)
	require.Equal(t, 200, encode(t, dir), "the mean is computed anew")
	requireFinds(t, dir, between(0, 200)...)
}

// TestEncodeCutAtEveryWrite: whatever write the process stops at, the index finds what it should, and
// the next run completes it.
func TestEncodeCutAtEveryWrite(t *testing.T) {
	for at := 1; ; at++ {
		dir := t.TempDir()
		fill(t, dir, between(0, 12)...)
		encode(t, dir)
		fill(t, dir, append(between(6, 12), between(20, 24)...)...)
		pictures := append(between(6, 12), between(20, 24)...)
		_, restore := rowfiletest.StopAt(at, rowfiletest.ErrStopped)
		_, err := index.Encode(t.Context(), dir, nil)
		restore()
		requireFinds(t, dir, pictures...)
		if err == nil {
			break
		}
		require.ErrorContains(t, err, dir)
		encode(t, dir)
		requireFinds(t, dir, pictures...)
		require.Zero(t, encode(t, dir))
	}
	for at := 1; ; at++ { // all anew
		dir := t.TempDir()
		fill(t, dir, between(0, 3)...)
		encode(t, dir)
		fill(t, dir, between(0, 20)...)
		_, restore := rowfiletest.StopAt(at, rowfiletest.ErrStopped)
		_, err := index.Encode(t.Context(), dir, nil)
		restore()
		requireFinds(t, dir, between(0, 20)...)
		if err == nil {
			break
		}
		encode(t, dir)
		requireFinds(t, dir, between(0, 20)...)
	}
}

// TestDamagedCodes: a bit anywhere in what is known of codes makes a search slower, not wrong. Codes
// themselves are written anew by the next run.
func TestDamagedCodes(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, between(0, 9)...)
	encode(t, dir)
	path := fileOf(t, dir, ".scales")
	good := read(t, path)
	for at := range good {
		bad := append([]byte{}, good...)
		bad[at] ^= 0x10
		require.NoError(t, os.WriteFile(path, bad, 0o644))
		requireFinds(t, dir, between(0, 9)...)
	}
	for _, n := range []int{0, 5, 300, len(good) - 1} {
		require.NoError(t, os.WriteFile(path, good[:n], 0o644))
		requireFinds(t, dir, between(0, 9)...)
		require.Positive(t, encode(t, dir))
		require.Equal(t, good, read(t, path))
	}
	codesPath := fileOf(t, dir, ".codes")
	codes := read(t, codesPath)
	bad := append([]byte{}, codes...)
	bad[3*128+5] ^= 1
	require.NoError(t, os.WriteFile(codesPath, bad, 0o644))
	require.Equal(t, 1, encode(t, dir))
	require.Equal(t, codes, read(t, codesPath))
	for _, n := range []int{0, 1000, len(codes) - 1} {
		require.NoError(t, os.WriteFile(codesPath, codes[:n], 0o644))
		requireFinds(t, dir, between(0, 9)...)
	}
}

// TestDisk: a disk that is full or read-only is said, with what to do, and the index can be searched.
func TestDisk(t *testing.T) {
	for cause, want := range map[syscall.Errno]string{
		syscall.ENOSPC: "the disk is full: free some space or choose another disk",
		syscall.EROFS:  "the folder is read-only: make it writable or choose another folder",
	} {
		for at := 1; at < 4; at++ {
			dir := t.TempDir()
			fill(t, dir, between(0, 9)...)
			_, restore := rowfiletest.StopAt(at, &os.PathError{Op: "write", Path: "x", Err: cause})
			_, err := index.Encode(t.Context(), dir, nil)
			restore()
			require.ErrorContains(t, err, dir)
			require.ErrorContains(t, err, "not written: ")
			require.ErrorContains(t, err, want)
			requireFinds(t, dir, between(0, 9)...)
		}
	}
}

// TestTwoWriters: the second one is told who writes.
func TestTwoWriters(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, between(0, 3)...)
	release, err := features.Lock(dir)
	require.NoError(t, err)
	_, err = index.Encode(t.Context(), dir, nil)
	require.ErrorIs(t, err, features.ErrLocked)
	require.ErrorContains(t, err, "wait until it has finished")
	requireFinds(t, dir, between(0, 3)...)
	require.NoError(t, release())
}

// FuzzScales: any bytes are scales or none.
func FuzzScales(f *testing.F) {
	mean := []float32{1, 2, 3}
	f.Add(index.ScalesOf(mean))
	f.Add(index.ScalesOf(mean)[:20])
	f.Fuzz(func(t *testing.T, text []byte) {
		require.LessOrEqual(t, index.ParseScales(text, 3)*20, len(text))
	})
}
