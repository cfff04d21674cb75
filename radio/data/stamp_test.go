package data_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// TestKnown: a file that did not change is not read again, and one that changed is, even where its size
// and its time of modification are the same.
func TestKnown(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("the system does not tell when a file was changed")
	}
	var dir string
	var d *data.Dataset
	var err error
	for fresh := false; !fresh; { // the clock may jump, and the machine may stand still
		began := time.Now().Round(0)
		dir = tree(t, map[string]string{"a/1.png": "png:1", "a/2.png": "png:2", "b/3.png": "png:3"})
		d, err = data.Open(dir)
		require.NoError(t, err)
		require.NoError(t, d.Read(t.Context(), nil))
		if fresh = time.Now().Round(0).Sub(began) < 2*time.Second; fresh {
			require.Zero(t, d.Items[0].Stamp, "it was written just now, and may change again within a step of the clock")
		}
	}
	unsettled := func(i data.Item) bool { return i.Stamp == data.Stamp{} }
	for end := time.Now().Add(time.Minute); slices.ContainsFunc(d.Items, unsettled) && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
		require.NoError(t, d.Read(t.Context(), nil))
	}
	sums, stamps := map[string][sha256.Size]byte{}, map[string]data.Stamp{}
	for _, item := range d.Items {
		require.NotZero(t, item.Stamp)
		sums[item.Path], stamps[item.Path] = item.SHA256, item.Stamp
	}

	changed := filepath.Join(dir, "a", "2.png")
	info, err := os.Stat(changed)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "b", "3.png"))
	require.NoError(t, err)
	require.Len(t, text, int(info.Size()))
	require.NoError(t, os.WriteFile(changed, text, 0o644))
	require.NoError(t, os.Chtimes(changed, info.ModTime(), info.ModTime()))

	again, err := data.Open(dir)
	require.NoError(t, err)
	again.Known = func(path string, s data.Stamp) ([sha256.Size]byte, bool) {
		sum := sums[path]
		sum[0] ^= 1 // tells that it is not computed
		return sum, stamps[path] == s
	}
	require.NoError(t, again.Read(t.Context(), nil))
	for i, item := range again.Items {
		want := sums[item.Path]
		if item.Path == changed {
			require.Equal(t, sha256.Sum256(text), item.SHA256)
			continue
		}
		want[0] ^= 1
		require.Equal(t, want, item.SHA256)
		require.Equal(t, d.Items[i].Stamp, item.Stamp)
	}
}

// TestWithoutClasses: plain pictures and pairs are sets too.
func TestWithoutClasses(t *testing.T) {
	dir := tree(t, map[string]string{"1.png": "png:1", "2.png": "png:2"})
	d := data.Pictures("photos", []string{filepath.Join(dir, "1.png"), filepath.Join(dir, "2.png"), filepath.Join(dir, "3.png")})
	require.NoError(t, d.Read(t.Context(), nil))
	lines, warnings := d.Report()
	require.Equal(t, []string{"all: 2 pictures"}, lines)
	require.Equal(t, []string{"1 picture cannot be read and is skipped"}, warnings)
	require.NoError(t, d.Split("", data.Fractions{Test: 0.5}, 0))
	d = data.OfPairs("photos", []data.Pair{{Picture: filepath.Join(dir, "1.png"), Target: "mask.png"}})
	require.NoError(t, d.Read(t.Context(), nil))
	require.Equal(t, "mask.png", d.Items[0].Target)
}
