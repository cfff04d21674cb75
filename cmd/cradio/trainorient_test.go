package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio/head"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// TestTrainOriented: a head on pictures whose EXIF orientation was applied remembers it, from images and from a store.
// predict and eval head apply it then.
func TestTrainOriented(t *testing.T) {
	dir := t.TempDir()
	lying := picture("orientation6.jpg")
	for class, file := range map[string]string{"a": lying, "b": picture("chelsea.jpg")} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "set", class), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "set", class, filepath.Base(file)), read(t, file), 0o644))
	}
	set, store := filepath.Join(dir, "set"), filepath.Join(dir, "store")
	cradio(onNano(set, "--out", store, "--orient")...).succeeds(t)
	oriented := func(run string) bool {
		var spec struct{ Picture head.Picture }
		require.NoError(t, json.Unmarshal(read(t, filepath.Join(dir, run, "head", "head.json")), &spec))
		return spec.Picture.Orient
	}
	train := func(run, data string, args ...string) outcome {
		return cradio(trainOnNano(append([]string{"classify", data, "--out", filepath.Join(dir, run), "--val", "0", "--epochs", "1"}, args...)...)...)
	}
	const said = "warning: 1 of 2 pictures have an EXIF orientation that is not applied: the model sees them as they are stored, on a side or upside down; --orient applies it"
	o := train("plain", set)
	o.succeeds(t)
	require.Equal(t, 1, strings.Count(o.stderr, said))
	other := filepath.Join(dir, "other")
	for class, file := range map[string]string{"a": "odd-420.jpg", "b": "odd-444.jpg"} {
		require.NoError(t, os.MkdirAll(filepath.Join(other, class), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(other, class, file), read(t, picture(file)), 0o644))
	}
	for _, args := range [][]string{{"features", set, "--out", filepath.Join(dir, "unturned"), "--model", "synthetic:nano"}, {"eval", "knn", "--train", set, "--val", "0", "--test", other, "--model", "synthetic:nano", "--size", "32", "--k", "1"}} {
		o := cradio(args...)
		require.Contains(t, o.stderr, "pictures have an EXIF orientation that is not applied")
		require.Contains(t, o.stderr, "; --orient applies it")
		o = cradio(append(args, "--orient")...)
		require.NotContains(t, o.stderr, "EXIF")
	}
	require.False(t, oriented("plain"))
	o = train("images", set, "--orient")
	o.succeeds(t)
	require.NotContains(t, o.stderr, "EXIF")
	require.True(t, oriented("images"))
	o = train("stored", store)
	o.succeeds(t)
	require.NotContains(t, o.stderr, "EXIF")
	require.True(t, oriented("stored"))
	img, err := image.DecodeFile(lying, image.DecodeOptions{Orient: true})
	require.NoError(t, err)
	upright := filepath.Join(dir, "upright.ppm")
	require.NoError(t, os.WriteFile(upright, append(fmt.Appendf(nil, "P6 %d %d 255\n", img.W, img.H), img.Pix...), 0o644))
	for _, run := range []string{"images", "stored"} {
		o := cradio("predict", filepath.Join(dir, run), lying, upright, "--model", "synthetic:nano", "--json")
		o.succeeds(t)
		lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
		require.Len(t, lines, 2)
		require.Equal(t, strings.Replace(lines[0], lying, upright, 1), lines[1])
	}
	train("other", store, "--orient=false").fails(t, exitError, store+": preprocessing: want orient false, found orient true")
	train("plain", set, "--orient", "--resume").fails(t, exitError, "task.orient was not set, is true")
}
