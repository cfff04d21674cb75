package features_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// nano opens a small model with weights of a seed.
func nano(t testing.TB, seed string) *radio.Model {
	t.Helper()
	m, err := radio.Open(t.Context(), radio.SyntheticPrefix+"nano", radio.Options{Seed: seed})
	require.NoError(t, err)
	t.Cleanup(func() { m.Close() })
	return m
}

// shapes draws pictures of two classes.
func shapes(t testing.TB, perClass int) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, data.Generate(t.Context(), dir, data.GenerateOptions{Classes: 2, PerClass: perClass, Size: 48}))
	return dir
}

func opened(t testing.TB, dir string) *data.Dataset {
	t.Helper()
	d, err := data.Open(dir)
	require.NoError(t, err)
	require.NoError(t, d.Read(t.Context(), nil))
	return d
}

func encoder(m *radio.Model) *radio.Encoder {
	e := radio.NewEncoder(m)
	e.Size = radio.Square(64)
	return e
}

var allSources = []radio.Source{
	radio.SummarySource, radio.FeaturesSource, radio.MeanSource, radio.BlockSource(0), radio.ClassSource(1),
}

// TestJob: rows equal what the encoder computes, of the picture and of its crops.
func TestJob(t *testing.T) {
	m := nano(t, "")
	d := opened(t, shapes(t, 6))
	e := encoder(m)
	e.BatchSize = 3
	dir := t.TempDir()
	job := features.Job{Dir: dir, Encoder: e, Set: d, Sources: allSources, Views: features.Views{Count: 3, Seed: 5}, About: features.About{Model: "nano", Synthetic: true}}
	plan, err := job.Plan(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{12, 36, 36}, []int{plan.Pictures, plan.Rows, plan.Missing()})
	report, err := job.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, &features.Report{Computed: 36}, report)
	s, err := features.Open(dir)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Verify(t.Context(), nil))
	var size int64
	for _, text := range contents(t, filepath.Join(dir, ".")) {
		size += int64(len(text))
	}
	require.InDelta(t, plan.Bytes, size, 10_000, "the size that was announced, but for the list of pictures")

	single := encoder(m)
	single.Request = radio.Request{NoFeatures: true, Sources: allSources}
	for i, item := range s.Set.Items {
		require.Equal(t, d.Items[i].Labels, item.Labels)
		for view := range 3 {
			img, err := image.DecodeFile(item.Path, image.DecodeOptions{})
			require.NoError(t, err)
			if view > 0 {
				p, err := s.Params(i, view, img.H, img.W)
				require.NoError(t, err)
				require.NotEqual(t, augment.Box{}, p.Crop)
				p.Size = [2]int{64, 64}
				img, err = p.Apply(img)
				require.NoError(t, err)
			}
			want, err := single.Encode(t.Context(), img)
			require.NoError(t, err)
			for _, source := range allSources {
				a, err := s.Array(source)
				require.NoError(t, err)
				require.Equal(t, radio.Values[float32](want.Items[0].Sources[source]), a.Float32(s.Row(i, view)), "%s, view %d", source, view)
			}
		}
	}
}

// TestJobGoesOn: a run that was cancelled goes on, and ends with the files of one that was not.
func TestJobGoesOn(t *testing.T) {
	m := nano(t, "")
	d := opened(t, shapes(t, 9)) // once: pictures have a stamp only once they are two seconds old
	run := func(ctx context.Context, dir string, progress func(done, total int)) (*features.Report, error) {
		job := features.Job{Dir: dir, Encoder: encoder(m), Set: d, Sources: allSources, DType: features.BFloat16, Views: features.Views{Count: 2}, Progress: progress}
		return job.Run(ctx)
	}
	want, dir := t.TempDir(), t.TempDir()
	_, err := run(t.Context(), want, nil)
	require.NoError(t, err)
	computed := 0
	for _, stop := range []int{1, 7, 15} {
		ctx, cancel := context.WithCancel(t.Context())
		report, err := run(ctx, dir, func(done, _ int) {
			if done == stop {
				cancel()
			}
		})
		cancel()
		require.ErrorIs(t, err, context.Canceled)
		require.GreaterOrEqual(t, report.Computed, stop)
		require.Equal(t, computed, report.Present)
		computed += report.Computed
		_, err = features.Open(dir)
		require.ErrorContains(t, err, fmt.Sprintf("%d of 36 rows are there", computed))
	}
	report, err := run(t.Context(), dir, nil)
	require.NoError(t, err)
	require.Equal(t, &features.Report{Computed: 36 - computed, Present: computed}, report)
	require.Equal(t, contents(t, want), contents(t, dir))
}

// TestJobOnChanges: a picture that changed is computed again, and so are all for another model; nothing else is.
func TestJobOnChanges(t *testing.T) {
	m := nano(t, "")
	pictures, dir := shapes(t, 6), t.TempDir()
	run := func(m *radio.Model, change func(*features.Job)) *features.Report {
		job := features.Job{Dir: dir, Encoder: encoder(m), Set: opened(t, pictures), Sources: []radio.Source{radio.SummarySource}}
		if change != nil {
			change(&job)
		}
		report, err := job.Run(t.Context())
		require.NoError(t, err)
		return report
	}
	require.Equal(t, &features.Report{Computed: 12}, run(m, nil))
	require.Equal(t, &features.Report{Present: 12}, run(m, nil))
	d := opened(t, pictures)
	other, err := os.ReadFile(d.Items[1].Path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(d.Items[0].Path, other, 0o644))
	require.Equal(t, &features.Report{Present: 11}, run(m, nil), "a copy of another picture has its row")
	require.NoError(t, os.Rename(d.Items[2].Path, filepath.Join(filepath.Dir(d.Items[2].Path), "moved.png")))
	require.Equal(t, &features.Report{Present: 11}, run(m, nil), "contents count, not names")
	text, err := os.ReadFile("../../conformance/images/astronaut.png")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(d.Items[3].Path, text, 0o644))
	require.Equal(t, &features.Report{Computed: 1, Present: 10}, run(m, nil))

	for name, change := range map[string]func(*features.Job){
		"size":         func(j *features.Job) { j.Encoder.Size = radio.Square(32) },
		"transparency": func(j *features.Job) { j.Encoder.Processor.ConvertRGB = false },
		"type":         func(j *features.Job) { j.DType = features.BFloat16 },
		"sources":      func(j *features.Job) { j.Sources = append(j.Sources, radio.MeanSource) },
	} {
		require.Equal(t, &features.Report{Computed: 11}, run(m, change), name)
	}
	require.Equal(t, &features.Report{Computed: 11}, run(nano(t, "another"), nil), "another model")
	require.Equal(t, &features.Report{Present: 11}, run(m, nil), "the rows of the first are there")
	require.Equal(t, &features.Report{Computed: 22, Present: 11}, run(m, func(j *features.Job) { j.Views.Count = 3 }), "whole pictures are there")
	require.Equal(t, &features.Report{Computed: 22, Present: 11}, run(m, func(j *features.Job) { j.Views = features.Views{Count: 3, Seed: 1} }), "other crops")
}

// TestJobSkips: pictures without features are told, and left out with their copies.
func TestJobSkips(t *testing.T) {
	dir := t.TempDir()
	d := opened(t, shapes(t, 6))
	text, err := os.ReadFile(d.Items[0].Path)
	require.NoError(t, err)
	damaged := text[:len(text)-30] // its header can be read, its pixels cannot
	for _, i := range []int{0, 7} {
		require.NoError(t, os.WriteFile(d.Items[i].Path, damaged, 0o644))
	}
	require.NoError(t, d.Read(t.Context(), nil))
	require.NoError(t, os.WriteFile(d.Items[2].Path, text, 0o644)) // after its checksum was computed
	var told []string
	job := features.Job{Dir: dir, Encoder: encoder(nano(t, "")), Set: d, Sources: []radio.Source{radio.SummarySource}, Skip: func(p string, _ error) { told = append(told, p) }}
	paths := []string{d.Items[0].Path, d.Items[2].Path, d.Items[7].Path}
	report, err := job.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, paths[:2], told)
	require.Equal(t, 9, report.Computed)
	require.Len(t, report.Skipped, 3)
	for i, want := range []string{"", "has changed since its checksum was computed", "is a copy of a picture that has no features"} {
		require.Equal(t, paths[i], report.Skipped[i].Path)
		require.ErrorContains(t, report.Skipped[i].Err, want)
	}
	s, err := features.Open(dir)
	require.NoError(t, err)
	defer s.Close()
	require.Len(t, s.Set.Items, 9)
	require.Len(t, s.Set.Skipped, 3)

	job.Set = data.Pictures("photos", paths[:1])
	require.NoError(t, job.Set.Read(t.Context(), nil))
	_, err = job.Run(t.Context())
	require.ErrorContains(t, err, "photos: none of the 1 pictures has features; the first: "+paths[0])
}

func TestJobErrors(t *testing.T) {
	m := nano(t, "")
	d := opened(t, shapes(t, 6))
	for want, change := range map[string]func(*features.Job){
		"the source features needs pictures of one size, and size native gives each its own: choose one such as": func(j *features.Job) {
			j.Encoder.Size = radio.Native()
			j.Sources = []radio.Source{radio.FeaturesSource}
		},
		"2 views need pictures of one size": func(j *features.Job) { j.Encoder.Size, j.Views.Count = radio.Native(), 2 },
		"block 99 does not exist":           func(j *features.Job) { j.Sources = []radio.Source{radio.BlockSource(99)} },
		"photos: the checksums of the pictures are not computed; call Read of the set": func(j *features.Job) {
			j.Set = data.Pictures("photos", []string{"a.png"})
		},
		"there are 0 sources":           func(j *features.Job) { j.Sources = nil },
		`the type of numbers is "int8"`: func(j *features.Job) { j.DType = "int8" },
		"the number of views is 70000":  func(j *features.Job) { j.Views.Count = 70000 },
		"the scale of crops is 2 to 3":  func(j *features.Job) { j.Views = features.Views{Count: 2, Scale: [2]float64{2, 3}} },
	} {
		job := features.Job{Dir: filepath.Join(t.TempDir(), "store"), Encoder: encoder(m), Set: d, Sources: []radio.Source{radio.SummarySource}}
		change(&job)
		_, err := job.Run(t.Context())
		require.ErrorContains(t, err, want)
		require.NoDirExists(t, job.Dir)
	}
	plan := features.Plan{Bytes: 100, Free: 99}
	require.ErrorContains(t, plan.Check("store"), "store: want 100 bytes of free disk space, found 99; free some space")
	require.NoError(t, (&features.Plan{Bytes: 100, Free: -1}).Check("store"))
}
