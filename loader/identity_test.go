package loader

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWriteInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ordered.safetensors")
	tensors := []Tensor{
		{"z", U8, []int{64}, ByteData(make([]byte, 64))},
		{"b", F32, []int{2}, Float32Data([]float32{1, 2})},
		{"a", F32, []int{1}, Float32Data([]float32{3})},
	}
	require.NoError(t, WriteInOrder(path, tensors, map[string]string{"k": "v"}, 4096))
	f := open(t, path)
	require.Zero(t, f.data%4096)
	require.Equal(t, []string{"a", "b", "z"}, f.Names())
	require.EqualValues(t, 0, f.entries["z"].begin)
	require.EqualValues(t, 64, f.entries["b"].begin)
	a, err := f.Float32("a", 1)
	require.NoError(t, err)
	require.Equal(t, []float32{3}, a)

	tensors[0].Shape, tensors[0].Data = []int{3}, ByteData(make([]byte, 3))
	requireError(t, WriteInOrder(path, tensors, nil, 8), path, "put tensors with wide elements first")
}

func TestIdentity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	at := time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC)
	write := func(v float32) *File {
		require.NoError(t, Write(path, []Tensor{{"w", F32, []int{1}, Float32Data([]float32{v})}}, nil))
		require.NoError(t, os.Chtimes(path, at, at))
		return open(t, path)
	}
	identity := func(f *File) Identity {
		id, err := f.Identity()
		require.NoError(t, err)
		return id
	}
	one, two := write(1), write(2)
	require.Equal(t, identity(one), identity(two), "another number goes unnoticed,")
	a, err := one.Checksum(context.Background())
	require.NoError(t, err)
	b, err := two.Checksum(context.Background())
	require.NoError(t, err)
	require.NotEqual(t, a, b, "but not by the checksum")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	sum := sha256.Sum256(whole)
	require.Equal(t, hex.EncodeToString(sum[:]), b)
	sum = sha256.Sum256(whole[len(whole)-4:])
	data, err := two.DataChecksum(context.Background())
	require.NoError(t, err)
	require.Equal(t, hex.EncodeToString(sum[:]), data)
	require.Equal(t, Identity{"model.safetensors", int64(len(whole)), at, identity(one).Header}, identity(two))

	at = at.Add(time.Second)
	require.NotEqual(t, identity(one), identity(write(1)))
	require.NoError(t, one.Close())
	_, err = one.Identity()
	require.ErrorIs(t, err, os.ErrClosed)
	_, err = one.Checksum(context.Background())
	require.ErrorIs(t, err, os.ErrClosed)
	require.ErrorIs(t, one.Unchanged(), os.ErrClosed)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = two.Checksum(done)
	require.ErrorIs(t, err, context.Canceled)
}

func TestUnchanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	require.NoError(t, Write(path, []Tensor{{"w", F32, []int{1}, Float32Data([]float32{1})}}, nil))
	at := time.Date(2026, 11, 24, 1, 2, 3, 4, time.UTC)
	require.NoError(t, os.Chtimes(path, at, at))
	f := open(t, path)
	require.NoError(t, f.Unchanged())
	require.NoError(t, os.Chtimes(path, at, at.Add(time.Second)))
	requireError(t, f.Unchanged(), path, "last changed 2026-11-24 01:02:03.000000004 +0000 UTC, as when it was opened", "leave it as it is")
	require.NoError(t, os.Chtimes(path, at, at))
	require.NoError(t, f.Unchanged())
	require.NoError(t, os.Remove(path))
	require.ErrorIs(t, f.Unchanged(), os.ErrNotExist)
}

// TestReleaseKeepsViews: what was handed out is read again from the file.
func TestReleaseKeepsViews(t *testing.T) {
	c, err := OpenFolder(checkpoints + "hub")
	require.NoError(t, err)
	defer c.Close()
	for _, name := range c.Names() {
		info, _ := c.Lookup(name)
		if info.DType != F32 {
			require.Error(t, c.Check(name, info.Shape...))
			continue
		}
		require.NoError(t, c.Check(name, info.Shape...))
		requireError(t, c.Check(name, 1, 2, 3, 4, 5), name, "want shape (1, 2, 3, 4, 5)")
		view, err := c.Float32(name, info.Shape...)
		require.NoError(t, err)
		before := append([]float32(nil), view...)
		c.Release(name)
		require.Equal(t, before, view)
	}
	require.ErrorIs(t, c.Check("nobody", 1), ErrMissing)
	c.Release("nobody")
}

// TestFloat32Into: a copy is made where the caller says, a view is not.
func TestFloat32Into(t *testing.T) {
	dst := make([]float32, 5)
	made, err := NewSynthetic("").Float32Into(dst, "some.weight", 2, 2)
	require.NoError(t, err)
	require.Same(t, &dst[0], &made[0])
	require.Len(t, made, 4)
	want, err := NewSynthetic("").Float32("some.weight", 2, 2)
	require.NoError(t, err)
	require.Equal(t, want, made)
	more, err := NewSynthetic("").Float32Into(dst, "some.weight", 2, 3)
	require.NoError(t, err)
	require.NotSame(t, &dst[0], &more[0])

	const name = "radio_model.model.blocks.0.norm1.weight"
	for folder, copied := range map[string]bool{"hub": false, "hub-bfloat16": true} {
		c, err := OpenFolder(checkpoints + folder)
		require.NoError(t, err)
		defer c.Close()
		dst := make([]float32, 64)
		got, err := c.Float32Into(dst, name, 64)
		require.NoError(t, err)
		require.Equal(t, copied, &dst[0] == &got[0], folder)
	}
}
