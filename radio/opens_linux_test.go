package radio

import (
	"context"
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// watch counts how often the files of a folder are opened, by their names, until the function that it
// returns is called.
func watch(t *testing.T, dir string) func() map[string]int {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK)
	require.NoError(t, err)
	_, err = unix.InotifyAddWatch(fd, dir, unix.IN_OPEN)
	require.NoError(t, err)
	return func() map[string]int {
		defer unix.Close(fd)
		opens := map[string]int{}
		buffer := make([]byte, 1<<16)
		for {
			n, err := unix.Read(fd, buffer)
			if err == unix.EAGAIN {
				return opens
			}
			require.NoError(t, err)
			for b := buffer[:n]; len(b) > 0; {
				size := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(b[12:])) // its field len
				if name := strings.TrimRight(string(b[unix.SizeofInotifyEvent:size]), "\x00"); name != "" {
					opens[name]++
				}
				b = b[size:]
			}
		}
	}
}

// TestOpensEachFileOnce: a model is opened in one pass, whatever its format, and however it is named.
func TestOpensEachFileOnce(t *testing.T) {
	for name, c := range map[string]struct {
		folder, file string
		packed       bool
		want         []string
	}{
		"folder":          {"hub", "", false, []string{"config.json", "preprocessor_config.json", "model.safetensors"}},
		"file":            {"hub", "model.safetensors", false, []string{"config.json", "preprocessor_config.json", "model.safetensors"}},
		"packed":          {"hub", "", true, []string{"config.json", "preprocessor_config.json", "model.safetensors", "*.pack"}},
		"shards":          {"hub-sharded", "", false, []string{"config.json", "preprocessor_config.json", "model.safetensors.index.json", "model-*.safetensors"}},
		"index":           {"hub-sharded", "model.safetensors.index.json", false, []string{"config.json", "preprocessor_config.json", "model.safetensors.index.json", "model-*.safetensors"}},
		"PyTorch's file":  {"torchhub", "*.pth.tar", false, []string{"*.pth.tar"}},
		"without a model": {"", "", false, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if c.folder != "" {
				dir = folder(t, c.folder)
			}
			if c.packed {
				leveled(t)
				packed(t, dir, Float32)
			}
			path := dir
			if c.file != "" {
				found, err := filepath.Glob(filepath.Join(dir, c.file))
				require.NoError(t, err)
				path = found[0]
			}
			want := map[string]int{}
			for _, pattern := range c.want {
				found, err := filepath.Glob(filepath.Join(dir, pattern))
				require.NoError(t, err)
				if pattern == c.file { // that one only
					found = []string{path}
				}
				for _, f := range found {
					want[filepath.Base(f)] = 1
				}
			}
			opened := watch(t, dir)
			m, err := Open(context.Background(), path, Options{})
			got := opened()
			if c.folder == "" {
				require.Error(t, err)
			} else {
				require.NoError(t, err)
				require.Equal(t, c.packed, m.Pack() != nil)
				require.NoError(t, m.Close())
			}
			require.Equal(t, want, got)
		})
	}
}
