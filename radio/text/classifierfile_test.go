package text

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/text/token"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tiny is a tower that is quick to make.
var tiny = &Config{
	Width: 8, Heads: 1, Depth: 1, Hidden: 8, Context: 77, Vocabulary: 49408, Embed: 6, Activation: QuickGELU, Eps: 1e-5, Causal: true, Pool: PoolLargest,
}

func tinyTower(t testing.TB, opt Options) *Tower {
	tower, err := Synthetic(tiny, token.CLIP(), opt)
	require.NoError(t, err)
	t.Cleanup(func() { tower.Close() })
	return tower
}

func TestSavedClassifier(t *testing.T) {
	ctx := context.Background()
	tower := tinyTower(t, Options{})
	classes, templates := []string{"cat", "dog"}, []string{"a {}", "{}"}
	made, err := NewClassifier(ctx, tower, classes, templates, nil)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "c.safetensors")
	require.NoError(t, made.Save(ctx, path))

	c, err := LoadClassifier(path)
	require.NoError(t, err)
	assert.Equal(t, made.Weights, c.Weights)
	assert.Equal(t, made.Logits, c.Logits)
	require.NoError(t, c.Check(ctx, tower, classes, templates))
	require.NoError(t, c.Check(ctx, nil, classes, templates))
	again := filepath.Join(t.TempDir(), "again.safetensors")
	require.NoError(t, c.Save(ctx, again), "what was loaded needs no tower")
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	second, err := os.ReadFile(again)
	require.NoError(t, err)
	assert.Equal(t, first, second)

	for want, other := range map[string]struct {
		tower              *Tower
		classes, templates []string
	}{
		`it is of other classes: class 2 was "dog", and is "cow" now`:      {tower, []string{"cat", "cow"}, templates},
		"it is of 2 classes, not of 3":                                     {tower, []string{"cat", "dog", "cow"}, templates},
		`it is of other templates: template 1 was "a {}", and is "{}" now`: {tower, classes, []string{"{}", "a {}"}},
		"it is of 2 templates, not of 1":                                   {tower, classes, nil},
		"it was made in float32, not in bfloat16":                          {tinyTower(t, Options{DType: radio.BFloat16}), classes, templates},
		"it was made by another text tower":                                {tinyTower(t, Options{Seed: "x"}), classes, templates},
	} {
		require.ErrorContains(t, c.Check(ctx, other.tower, other.classes, other.templates), want)
	}
}

// A tower of a file is known by its contents: a copy is the same, another weight is not.
func TestIdentity(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	from := filepath.Join(references, "checkpoints/open-clip-clip")
	for _, name := range []string{"open_clip_config.json", "open_clip_model.safetensors"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	open := func() *Tower {
		tower, err := Open(ctx, dir, Options{IDsAlone: true})
		require.NoError(t, err)
		t.Cleanup(func() { tower.Close() })
		return tower
	}
	weights := filepath.Join(dir, "open_clip_model.safetensors")
	id, err := open().Identity(ctx)
	require.NoError(t, err)
	require.NoError(t, id.compare(ctx, open()))
	require.NoError(t, os.Chtimes(weights, time.Now(), time.Now().Add(-time.Hour)))
	require.NoError(t, id.compare(ctx, open()), "another time")
	later, err := open().Identity(ctx)
	require.NoError(t, err)
	assert.Equal(t, id.key(), later.key())

	data, err := os.ReadFile(weights)
	require.NoError(t, err)
	data[len(data)-1] ^= 1
	require.NoError(t, os.WriteFile(weights, data, 0o644))
	require.ErrorContains(t, id.compare(ctx, open()), "it was made by another text tower: "+weights+" has other contents")
}

func TestDamagedClassifier(t *testing.T) {
	ctx := context.Background()
	c, err := NewClassifier(ctx, tinyTower(t, Options{}), []string{"cat", "dog"}, nil, nil)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "c.safetensors")
	require.NoError(t, c.Save(ctx, path))
	f, err := loader.OpenFile(path)
	require.NoError(t, err)
	about := f.Metadata()[classifierKey]
	require.NoError(t, f.Close())

	write := func(metadata map[string]string) {
		require.NoError(t, loader.Write(path, []loader.Tensor{{Name: "weights", DType: loader.F32, Shape: []int{2, 6}, Data: loader.Float32Data(c.Weights)}}, metadata))
	}
	write(nil)
	_, err = LoadClassifier(path)
	require.ErrorContains(t, err, "this is no classifier")
	a, err := parseClassifier(about)
	require.NoError(t, err)
	a.Classes[0] = "cow"
	_, err = parseClassifier(encoded(t, a))
	require.ErrorContains(t, err, "its key is not that of its tower, cleaning, templates and classes")
	a.Version = 2
	_, err = parseClassifier(encoded(t, a))
	require.ErrorContains(t, err, "a classifier of version 2, want 1")
	c.Weights[3] = float32nan
	write(map[string]string{classifierKey: about})
	_, err = LoadClassifier(path)
	require.ErrorContains(t, err, "weight 3 is NaN: the file is damaged")
}

// The metadata of a file that anyone may have written: accepted or refused, in words.
func FuzzClassifier(f *testing.F) {
	c, err := NewClassifier(context.Background(), tinyTower(f, Options{}), []string{"cat", "dog"}, nil, nil)
	require.NoError(f, err)
	of, err := c.tower.identity()
	require.NoError(f, err)
	about := aboutClassifier{Version: 1, Classes: c.Classes, Templates: c.Templates, Of: of}
	about.Key = about.sum()
	f.Add(encoded(f, about))
	f.Add(`{"version":1,"classes":["a"],"templates":["{}"],"of":{"files":[{}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseClassifier(text)
		if err == nil && (len(a.Classes) == 0 || a.Of.Config.Embed < 1) {
			t.Fatal("accepted nothing")
		}
	})
}
