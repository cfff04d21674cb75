package train_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// TestCache: a run that is stopped again and again while it computes features computes each once, and
// comes to the bits of a run that keeps them in memory.
func TestCache(t *testing.T) {
	set, m, r := labelled(t, generated(t, data.Labels, 3, 18)), nano(t, 0), recipes()["frozen"]
	want, got := t.TempDir(), t.TempDir()
	run, _ := begin(t, m, set, r, short(3), want)
	_, err := run.Train(t.Context())
	require.NoError(t, err)

	cached := *set
	cached.Cache = &train.Cache{Run: got, About: features.About{Model: "nano"}}
	all, computed, stops := len(set.Train)+len(set.Val), 0, 0
	var stopped *train.FeaturesInterruptedError
	for {
		ctx, cancel := context.WithCancel(t.Context())
		cached.Cache.Planned = func(p *features.Plan) { require.Equal(t, []int{all, computed}, []int{p.Rows, p.Present}) }
		run, task, err := train.New(ctx, m, &cached, r, short(3), func(done, total int) {
			if computed++; done == 5 {
				cancel()
			}
		})
		cancel()
		if err == nil {
			t.Cleanup(func() { require.NoError(t, task.Close()) })
			run.Out, run.Resume = got, true
			_, err = run.Train(t.Context())
			require.NoError(t, err)
			break
		}
		require.ErrorAs(t, err, &stopped)
		require.Equal(t, []int{computed, all}, []int{stopped.Rows, stopped.Total})
		require.ErrorContains(t, err, "are kept in "+cached.Cache.Dir()+"; to go on, give the same command")
		stops++
	}
	require.Equal(t, all, computed)
	require.Positive(t, stops)
	require.Equal(t, state(t, want), state(t, got))

	other := r
	other.Size = [2]int{32, 32}
	_, _, err = train.New(t.Context(), m, &cached, other, short(3), func(int, int) { require.Fail(t, "nothing is computed for other options") })
	require.ErrorContains(t, err, "task.size was [32,48], is [32,32]; give the same options and data, or another folder")
}

// TestCacheSkips: a picture that is cut short is left out, and said; a damaged row is computed again.
func TestCacheSkips(t *testing.T) {
	dir := generated(t, data.Labels, 3, 6)
	cut := filepath.Join(dir, "train", "circle", "circle-0000.png")
	whole, err := os.ReadFile(cut)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(cut, whole[:len(whole)-30], 0o644))
	set, m := labelled(t, dir), nano(t, 0)
	var skipped []string
	computed := 0
	set.Cache = &train.Cache{Run: t.TempDir()}
	set.Skip = func(path string, err error) { skipped = append(skipped, path+": "+err.Error()) }
	start := func() *train.HeadTask {
		skipped, computed = nil, 0
		_, task, err := train.New(t.Context(), m, set, recipes()["frozen"], short(3), func(int, int) { computed++ })
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, task.Close()) })
		return task
	}
	task := start()
	require.Equal(t, len(set.Train)-1, task.Samples())
	require.Len(t, skipped, 1)
	require.Contains(t, skipped[0], cut)

	task.Close()
	files, err := filepath.Glob(filepath.Join(set.Cache.Dir(), "*", "*.float32"))
	require.NoError(t, err)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	text[5] ^= 1
	require.NoError(t, os.WriteFile(files[0], text, 0o644))
	start()
	require.Equal(t, 2, computed, "the damaged row, and the picture that cannot be read")

	for _, e := range append(set.Train, set.Val...) {
		require.NoError(t, os.WriteFile(e.Picture, []byte("no picture"), 0o644))
	}
	set.Cache.Run = t.TempDir()
	_, _, err = train.New(t.Context(), m, set, recipes()["frozen"], short(3), nil)
	require.ErrorContains(t, err, "none of the 15 pictures has features; the first: ")
}

// TestPlanOf: a plan is that of the run, and neither computes nor reads anything.
func TestPlanOf(t *testing.T) {
	set := labelled(t, generated(t, data.Labels, 3, 6))
	for name, r := range recipes() {
		run, _ := begin(t, nano(t, 0), set, r, short(3), "")
		want, err := run.Plan()
		require.NoError(t, err)
		gone := *set
		gone.Train, gone.Val = nil, nil
		for _, e := range set.Train {
			gone.Train = append(gone.Train, train.Example{Picture: "none", SHA256: e.SHA256, Labels: e.Labels})
		}
		for _, e := range set.Val {
			gone.Val = append(gone.Val, train.Example{Picture: "none", SHA256: e.SHA256, Labels: e.Labels})
		}
		got, err := train.PlanOf(t.Context(), nano(t, 0), &gone, r, short(3))
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}
