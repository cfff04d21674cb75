package train_test

import (
	"bytes"
	"errors"
	"fmt"
	stdimage "image"
	"image/color"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/head"
	"cradio/radio/optim"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// setOf opens a folder of labelled pictures as a set to train on.
func setOf(t *testing.T, dir string) (*train.Set, error) {
	t.Helper()
	d, err := data.Open(dir)
	if err != nil {
		return nil, err
	}
	require.NoError(t, d.Read(t.Context(), nil))
	if !d.HasParts() {
		require.NoError(t, d.Split("", data.Fractions{}, 0))
	}
	return train.Labelled(d)
}

// TestBadClasses: what no head could learn is said before anything is computed.
func TestBadClasses(t *testing.T) {
	dir := generated(t, data.Labels, 3, 6)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "train", "empty"), 0o777))
	_, err := setOf(t, dir)
	require.ErrorContains(t, err, "has no pictures: a class needs at least one")
	require.NoError(t, os.Remove(filepath.Join(dir, "train", "empty")))

	require.NoError(t, os.Rename(filepath.Join(dir, "train", "circle"), filepath.Join(t.TempDir(), "x")))
	_, err = setOf(t, dir)
	require.ErrorContains(t, err, "val has classes that train lacks: circle; a head cannot learn them")

	require.NoError(t, os.RemoveAll(filepath.Join(dir, "train", "square")))
	_, err = setOf(t, dir)
	require.ErrorContains(t, err, "train has one class only, triangle: want at least two")

	few := filepath.Join(t.TempDir(), "few.csv")
	pictures, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.png"))
	require.NoError(t, err)
	text := "path,labels,split\n"
	for i, labels := range []string{"a;b;c", "d;e"} {
		text += pictures[i] + "," + labels + ",train\n"
	}
	require.NoError(t, os.WriteFile(few, []byte(text), 0o644))
	_, err = setOf(t, few)
	require.ErrorContains(t, err, "there are 5 classes, and only 2 pictures to train on")
}

// maskPNG writes a mask of one value.
func maskPNG(t *testing.T, path string, w, h int, value uint8) {
	t.Helper()
	img := stdimage.NewPaletted(stdimage.Rect(0, 0, w, h), color.Palette{color.Black})
	for range 255 {
		img.Palette = append(img.Palette, color.White)
	}
	for i := range img.Pix {
		img.Pix[i] = value
	}
	var text bytes.Buffer
	require.NoError(t, png.Encode(&text, img))
	require.NoError(t, os.WriteFile(path, text.Bytes(), 0o644))
}

func segmenter() train.Recipe {
	return train.Recipe{Size: [2]int{32, 32}, Head: head.Spec{Kind: head.Segment, Input: []radio.Source{radio.FeaturesSource}}}
}

// TestBadMasks: each is found before the first step, by its name.
func TestBadMasks(t *testing.T) {
	set := paired(t, generated(t, data.Masks, 2, 4), data.Masks)
	m := nano(t, 0)
	start := func() error {
		_, _, err := train.New(t.Context(), m, set, segmenter(), short(2), nil)
		return err
	}
	require.NoError(t, start())
	_, err := train.Masked(&data.Dataset{Path: "set"}, nil, []string{"sky", "sea", "sky"})
	require.EqualError(t, err, "set: two classes are called sky: give each a name of its own")
	bad := set.Train[1].Mask
	whole, err := os.ReadFile(bad)
	require.NoError(t, err)
	maskPNG(t, bad, 20, 32, 1)
	require.ErrorContains(t, start(), bad+": has 20×32 pixels, its picture has 32×32")
	maskPNG(t, bad, 32, 32, 7)
	require.ErrorContains(t, start(), bad+": the pixel in column 0, row 0 has the value 7, which is class 7: must be 0 to 2, or 255")
	require.NoError(t, os.WriteFile(bad, whole[:len(whole)/2], 0o644))
	require.ErrorContains(t, start(), bad)
}

// TestNothingCounts: a batch whose pixels are all ignored has the loss 0 and changes nothing.
func TestNothingCounts(t *testing.T) {
	set := paired(t, generated(t, data.Masks, 2, 4), data.Masks)
	set.Val = nil
	for _, e := range set.Train {
		maskPNG(t, e.Mask, 32, 32, data.Ignored)
	}
	var said []string
	set.Warn = func(line string) { said = append(said, line) }
	run, task := begin(t, nano(t, 0), set, segmenter(), short(2), t.TempDir())
	require.Equal(t, []string{fmt.Sprintf("no pixel of the %d masks of train counts: all have the label 255; the head learns nothing", len(set.Train))}, said)
	before := append([]float32(nil), valueOf(t, task, "conv_seg.weight")...)
	got, err := run.Train(t.Context())
	require.NoError(t, err)
	require.Zero(t, got.Loss)
	require.Equal(t, before, valueOf(t, task, "conv_seg.weight"))
}

func valueOf(t *testing.T, task *train.HeadTask, name string) []float32 {
	t.Helper()
	w := task.Head.Weight(name)
	require.NotNil(t, w, name)
	v, err := w.Value()
	require.NoError(t, err)
	return v.Float32s()
}

// TestOneRow: a BatchNorm of one row is refused before features are computed, and one that is fixed is not.
func TestOneRow(t *testing.T) {
	set := labelled(t, generated(t, data.Labels, 3, 6))
	r := recipes()["frozen"]
	_, _, err := train.New(t.Context(), nano(t, 0), set, r, short(1), func(int, int) { t.Error("features are computed") })
	require.ErrorContains(t, err, "the batch size is 1: the BatchNorm of the mlp head has no variance of one row; want at least 2, or another norm")
	r.Head.Norm.Fixed = true
	_, task, err := train.New(t.Context(), nano(t, 0), set, r, short(1), nil)
	require.NoError(t, err)
	require.NoError(t, task.Close())
}

// TestDivergingRate: it is said in words, with what to try.
func TestDivergingRate(t *testing.T) {
	var text bytes.Buffer
	r := toyRun(t, newToy(60), t.TempDir())
	r.Options.Epochs = 30
	r.Options.Optim = optim.Options{Kind: optim.SGD, Rate: 1.2}
	r.Log = slog.New(slog.NewTextHandler(&text, nil))
	_, err := r.Train(t.Context())
	if err != nil {
		require.ErrorContains(t, err, "the rate 1.2 is too high: try 0.1")
	}
	require.Contains(t, text.String(), "the rate 1.2 is too high for it. Stop this run, and try a rate of 0.1, a longer warm-up, or clipping at a norm of 1")
}

// TestUnreadableLive: where the backbone runs in each step, a picture that is cut short is said once, and
// another one of its batch takes its place.
func TestUnreadableLive(t *testing.T) {
	dir := generated(t, data.Labels, 3, 6)
	cut := filepath.Join(dir, "train", "circle", "circle-0000.png")
	whole, err := os.ReadFile(cut)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(cut, whole[:len(whole)-30], 0o644))
	set := labelled(t, dir)
	skipped := []string{}
	set.Skip = func(path string, err error) { skipped = append(skipped, path) }
	run, _ := begin(t, nano(t, 0), set, recipes()["crops"], short(3), t.TempDir())
	_, err = run.Train(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{cut}, skipped)
}

// TestUnreadableValidation: a picture of the validation part that is cut short counts in no figure, also
// where it is the only one of a batch, and no other one counts twice. If none can be read, that is said.
func TestUnreadableValidation(t *testing.T) {
	for _, kind := range []data.Kind{data.Labels, data.Masks, data.Depths} {
		t.Run(string(kind), func(t *testing.T) {
			dir := generated(t, kind, 3, 10)
			r, set := recipes()["crops"], (*train.Set)(nil)
			switch kind {
			case data.Labels:
				set = labelled(t, dir)
			case data.Masks:
				r, set = segmenter(), paired(t, dir, kind)
				set.Classes = append(set.Classes, "triangle")
			case data.Depths:
				r, set = train.Recipe{Size: [2]int{32, 32}, PerMetre: data.Millimetres, Head: head.Spec{Kind: head.Depth, Outputs: 16, Bins: &head.Bins{Low: 1e-3, High: 10}, Input: []radio.Source{radio.FeaturesSource}}}, paired(t, dir, kind)
			}
			r.Augment.Flip = 0.5 // the model runs in each step
			set.Val = append(append([]train.Example(nil), set.Val...), set.Train[:7-min(len(set.Val), 6)]...)
			require.GreaterOrEqual(t, len(set.Val), 7)
			set.Val = set.Val[:7]
			metrics := func(val []train.Example) map[string]float64 {
				s := *set
				s.Val = val
				_, task := begin(t, nano(t, 0), &s, r, short(3), t.TempDir()) // batches of 3, 3 and 1
				e, err := task.Evaluate(t.Context())
				require.NoError(t, err)
				return e.Metrics
			}
			val := slices.Clone(set.Val)
			kept := append(slices.Clone(val[:1]), val[2:6]...)
			want := metrics(kept)
			whole := metrics(val)
			for _, i := range []int{1, 6} {
				text, err := os.ReadFile(val[i].Picture)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(val[i].Picture, text[:len(text)-30], 0o644))
			}
			require.Equal(t, want, metrics(val))
			require.NotEqual(t, whole, want)

			s := *set
			s.Val = []train.Example{val[1], val[6]}
			_, task := begin(t, nano(t, 0), &s, r, short(3), t.TempDir())
			_, err := task.Evaluate(t.Context())
			require.EqualError(t, err, "none of the 2 pictures of the validation part can be read")
		})
	}
}

// TestLackingClasses: classes of masks that a head cannot learn are said.
func TestLackingClasses(t *testing.T) {
	set := paired(t, generated(t, data.Masks, 2, 6), data.Masks)
	var lines []string
	set.Warn = func(line string) { lines = append(lines, line) }
	m := nano(t, 0)
	start := func() []string {
		lines = nil
		_, _, err := train.New(t.Context(), m, set, segmenter(), short(2), nil)
		require.NoError(t, err)
		return lines
	}
	require.Empty(t, start())
	set.Classes = append(set.Classes, "triangle")
	require.Equal(t, []string{"no mask has pixels of: triangle"}, start())
	maskPNG(t, set.Val[0].Mask, 32, 32, 3)
	require.Equal(t, []string{"val has pixels of classes that train lacks: triangle; a head cannot learn them"}, start())
}

// TestDepthsOfAnotherUnit: depth maps of which no pixel counts are an error, and what looks like another unit is said.
func TestDepthsOfAnotherUnit(t *testing.T) {
	set := paired(t, generated(t, data.Depths, 2, 6), data.Depths)
	var lines []string
	set.Warn = func(line string) { lines = append(lines, line) }
	m := nano(t, 0)
	start := func(perMetre, far float64) error {
		lines = nil
		r := train.Recipe{Size: [2]int{32, 32}, PerMetre: perMetre, Head: head.Spec{Kind: head.Depth, Outputs: 16, Bins: &head.Bins{Low: 1e-3, High: far}, Input: []radio.Source{radio.FeaturesSource}}}
		_, task, err := train.New(t.Context(), m, set, r, short(2), nil)
		if err != nil {
			return err
		}
		return task.Close()
	}
	require.NoError(t, start(data.Millimetres, 10))
	require.Empty(t, lines)
	require.NoError(t, start(1e6, 10))
	require.Len(t, lines, 1)
	require.Regexp(t, `^the depths of train are 0\.00\d+ to 0\.00\d+ m, the head is for 0\.001 to 10 m; look at near, far and how much 1 m is in a file, 1e\+06$`, lines[0])
	require.NoError(t, start(data.Millimetres, 2))
	require.Len(t, lines, 1)
	require.Regexp(t, `^\d+ % of the measured pixels of train do not count: they have \d\.\d+ to \d\.\d+ m, the head is for 0\.001 to 2 m`, lines[0])
	require.ErrorContains(t, start(1, 10), "depth maps of train counts: they have ")
	for _, e := range set.Val {
		depthPNG(t, e.Depth, 0)
	}
	require.NoError(t, start(data.Millimetres, 10))
	require.Equal(t, []string{"no pixel of the depth maps of val counts: nothing says how good the head is"}, lines)
	for _, e := range set.Train {
		depthPNG(t, e.Depth, 0)
	}
	require.EqualError(t, start(data.Millimetres, 10), fmt.Sprintf("no pixel of the %d depth maps of train counts: all are 0, which means not measured", len(set.Train)))
}

// depthPNG sets all pixels of a depth map.
func depthPNG(t *testing.T, path string, value uint16) {
	t.Helper()
	old, err := os.Open(path)
	require.NoError(t, err)
	c, err := png.DecodeConfig(old)
	require.NoError(t, errors.Join(err, old.Close()))
	img := stdimage.NewGray16(stdimage.Rect(0, 0, c.Width, c.Height))
	for i := range img.Pix {
		img.Pix[i] = byte(value >> (8 * (1 - i%2)))
	}
	var text bytes.Buffer
	require.NoError(t, png.Encode(&text, img))
	require.NoError(t, os.WriteFile(path, text.Bytes(), 0o644))
}

// TestTwoProcesses: one that would train in the folder of another is told.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	checkpoints := filepath.Join(dir, train.CheckpointFolder)
	require.NoError(t, os.Mkdir(checkpoints, 0o777))
	release, err := features.Lock(checkpoints)
	require.NoError(t, err)
	_, err = toyRun(t, newToy(60), dir).Train(t.Context())
	require.ErrorIs(t, err, features.ErrLocked)
	require.ErrorContains(t, err, "wait until it has finished, or choose another folder")
	require.NoError(t, release())
	_, err = toyRun(t, newToy(60), dir).Train(t.Context())
	require.NoError(t, err)
}
