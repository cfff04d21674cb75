package text

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"cradio/loader"
	"cradio/radio"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// copied is a folder with the files of a recorded checkpoint.
func copied(t *testing.T, folder string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(references, "checkpoints", folder))))
	return dir
}

func encode(t *testing.T, tower *Tower, ids [][]int32) []float32 {
	t.Helper()
	got, err := tower.EncodeIDs(context.Background(), ids)
	require.NoError(t, err)
	return got.Float32s()
}

// With packed weights a tower gives the same bits, and its matrices are not read again.
func TestPack(t *testing.T) {
	ctx := context.Background()
	for folder, of := range map[string]string{"open-clip-clip": "clip", "transformers-siglip2-sharded": "siglip2", "transformers-clip-pickle": "clip"} {
		for _, dtype := range []radio.DType{radio.Float32, radio.BFloat16, radio.Int8} {
			t.Run(folder+"/"+string(dtype), func(t *testing.T) {
				b := openBundle(t, "checkpoints/"+of)
				dir := copied(t, folder)
				var log bytes.Buffer
				open := func(more Options) *Tower {
					more.IDsAlone, more.DType, more.Log = true, dtype, slog.New(slog.NewTextHandler(&log, nil))
					tower, err := Open(ctx, dir, more)
					require.NoError(t, err)
					t.Cleanup(func() { tower.Close() })
					return tower
				}
				first := open(Options{})
				want := encode(t, first, b.ids)
				made, err := first.WritePack(ctx, "", nil)
				if errors.Is(err, radio.ErrNothingToPack) {
					t.Skip(err)
				}
				require.NoError(t, err)
				path := made.Path
				info, err := os.Stat(path)
				require.NoError(t, err)
				assert.Equal(t, info.Size(), made.Bytes)

				packed := open(Options{})
				assert.Equal(t, path, packed.Pack())
				assert.Equal(t, want, encode(t, packed, b.ids))
				_, err = packed.VerifyPack(ctx)
				require.NoError(t, err)
				_, err = packed.WritePack(ctx, "", nil)
				require.ErrorContains(t, err, "the tower reads these packed weights itself")
				unpacked := open(Options{NoPack: true})
				assert.Empty(t, unpacked.Pack())
				_, err = unpacked.VerifyPack(ctx)
				require.ErrorContains(t, err, "there is nothing to verify")
				assert.Empty(t, log.String())

				// One that is damaged, or of other weights, is left alone.
				data, err := os.ReadFile(path)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(path, data[:len(data)/2], 0o644))
				without := open(Options{})
				assert.Empty(t, without.Pack())
				assert.Equal(t, want, encode(t, without, b.ids))
				assert.Contains(t, log.String(), "not using packed weights")
			})
		}
	}
}

// The table of tokens, which may be larger than all the rest, is never read as a whole.
func TestTableOfTokens(t *testing.T) {
	b := openBundle(t, "checkpoints/clip")
	dir := filepath.Join(references, "checkpoints/open-clip-clip")
	c, err := ReadConfig(dir)
	require.NoError(t, err)
	src, err := openWeights(dir, true)
	require.NoError(t, err)
	tower := &Tower{source: &spy{src, t}}
	device, err := new(Options).device()
	require.NoError(t, err)
	require.NoError(t, tower.load(c, device))
	require.NoError(t, tower.start(device, Options{}))
	defer tower.Close()
	assert.LessOrEqual(t, b.ratio(t, radio.Float32, "features", encode(t, tower, b.ids)), 1.25)
}

// spy fails a test when the table of tokens is read.
type spy struct {
	*loader.Checkpoint
	t *testing.T
}

func (s *spy) Float32(name string, shape ...int) ([]float32, error) {
	return s.Float32Into(nil, name, shape...)
}

func (s *spy) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	assert.NotEqual(s.t, tokenTable, name, "is read as a whole")
	return s.Checkpoint.Float32Into(dst, name, shape...)
}
