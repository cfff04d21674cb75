package radio

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cradio/loader"
	"cradio/radio/checkpoint"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// copied is a copy of a checkpoint of the repository.
func copied(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "another name")
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("../conformance/checkpoints", name))))
	return dir
}

func identity(t *testing.T, path string, opt Options) string {
	t.Helper()
	m, err := Open(t.Context(), path, opt)
	require.NoError(t, err)
	defer m.Close()
	id, err := m.Identity(t.Context())
	require.NoError(t, err)
	require.Regexp(t, "^[0-9a-f]{64}$", id)
	return id
}

// TestIdentity: of what is in the folder, and not of what it is called.
func TestIdentity(t *testing.T) {
	const hub = "../conformance/checkpoints/hub"
	want := identity(t, hub, Options{})
	dir := copied(t, "hub")
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	for name, path := range map[string]string{
		"again": hub, "another spelling": "../radio/../conformance/./checkpoints/hub/", "a copy": dir, "a link": link,
	} {
		require.Equal(t, want, identity(t, path, Options{}), name)
	}
	require.Equal(t, want, identity(t, hub, Options{DType: BFloat16, Threads: 1, NoFusion: true}), "how it is computed")

	change := func(name, file, from, to string) {
		dir := copied(t, "hub")
		path := filepath.Join(dir, file)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(text), from)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o644))
		got := identity(t, dir, Options{})
		if name == "version" {
			require.Equal(t, want, got, "a text for messages")
		} else {
			require.NotEqual(t, want, got, name)
		}
	}
	change("version", "config.json", `"c-radio_v2-g"`, `"c-radio_v2-x"`)
	change("config", "config.json", `"max_resolution": 2048`, `"max_resolution": 1024`)
	weights, err := os.ReadFile(filepath.Join(dir, "model.safetensors"))
	require.NoError(t, err)
	last := string(weights[len(weights)-64:])
	change("weights", "model.safetensors", last, strings.Repeat("\x00", 64))

	require.NoError(t, os.WriteFile(filepath.Join(dir, "preprocessor_config.json"), []byte(`{"do_normalize": false, "do_center_crop": false, "size": 48}`), 0o644))
	require.NotEqual(t, want, identity(t, dir, Options{}), "processor")

	same := true // as config.json has it
	require.Equal(t, want, identity(t, hub, Options{AlignCorners: &same}), "an option that changes nothing")
	corners := false
	for name, opt := range map[string]Options{
		"align corners": {AlignCorners: &corners}, "windows": {ViTDet: ViTDet{Window: 2, NumWindowed: 1}},
		"normalised outside": {ExternalPreprocessing: true},
	} {
		require.NotEqual(t, want, identity(t, hub, opt), name)
	}
}

func TestIdentityOfSyntheticWeights(t *testing.T) {
	nano := identity(t, "synthetic:nano", Options{})
	require.Equal(t, nano, identity(t, "synthetic:nano", Options{DType: Int8}))
	require.NotEqual(t, nano, identity(t, "synthetic:nano", Options{Seed: "7"}))
}

// values is a source of another kind than files.
type values struct{ loader.Source }

// TestIdentityOfOtherSources: those are told apart by their tensors.
func TestIdentityOfOtherSources(t *testing.T) {
	of := func(path string) string {
		c, err := checkpoint.ReadConfig(path)
		require.NoError(t, err)
		src, err := loader.OpenFolder(path)
		require.NoError(t, err)
		m, err := New(c, values{src}, Options{})
		require.NoError(t, err)
		defer m.Close()
		id, err := m.Identity(t.Context())
		require.NoError(t, err)
		return id
	}
	hub := of("../conformance/checkpoints/hub")
	require.Equal(t, hub, of(copied(t, "hub")))
	require.NotEqual(t, hub, of("../conformance/checkpoints/hub-bfloat16"))
}

// TestIdentityOfAPack: packed weights know the checkpoint's checksums.
func TestIdentityOfAPack(t *testing.T) {
	dir := copied(t, "hub")
	want := identity(t, dir, Options{})
	m, err := Open(t.Context(), dir, Options{DType: BFloat16})
	require.NoError(t, err)
	_, err = m.WritePack(t.Context(), "", nil)
	require.NoError(t, m.Close())
	if err != nil {
		require.ErrorIs(t, err, ErrNothingToPack)
		t.Skip("this level packs nothing")
	}
	m, err = Open(t.Context(), dir, Options{DType: BFloat16})
	require.NoError(t, err)
	defer m.Close()
	require.NotNil(t, m.Pack())
	id, err := m.Identity(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, id)
}

// TestChangedInUse: a checkpoint that is replaced while it is in use has no identity.
func TestChangedInUse(t *testing.T) {
	dir := copied(t, "hub")
	m, err := Open(t.Context(), dir, Options{})
	require.NoError(t, err)
	require.NoError(t, m.Unchanged())
	later := time.Now().Add(time.Minute)
	require.NoError(t, os.Chtimes(filepath.Join(dir, "model.safetensors"), later, later))
	require.ErrorContains(t, m.Unchanged(), "leave it as it is while it is used")
	_, err = m.Identity(t.Context())
	require.ErrorContains(t, err, "leave it as it is while it is used")

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.Identity(cancelled)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, m.Close())
	_, err = m.Identity(t.Context())
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, m.Unchanged(), ErrClosed)
}

// TestCutShort: a checkpoint that is cut short while its identity is computed, or before.
func TestCutShort(t *testing.T) {
	dir := copied(t, "hub")
	m, err := Open(t.Context(), dir, Options{})
	require.NoError(t, err)
	defer m.Close()
	if os.Truncate(filepath.Join(dir, "model.safetensors"), 0) != nil {
		t.Skip("this system keeps a file that is mapped")
	}
	_, err = m.Identity(t.Context())
	require.ErrorContains(t, err, "leave a file as it is while it is used")
}

// TestCanonical: keys are sorted, and a field that says nothing leaves no trace.
func TestCanonical(t *testing.T) {
	text, err := canonical(map[string]any{"z": 1, "a": 0, "p": &image.Processor{Height: 16}, "s": "", "l": []int{0, 2}, "m": map[string]int{"x": 0}})
	require.NoError(t, err)
	require.Equal(t, `{"l":[0,2],"p":{"Height":16,"ImageMean":[0,0,0],"ImageStd":[0,0,0]},"z":1}`, string(text))
}
