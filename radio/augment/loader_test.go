package augment_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"cradio/radio/augment"
	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// generated draws pictures with masks or depth maps.
func generated(t testing.TB, kind data.Kind) (samples []augment.Sample) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, data.Generate(t.Context(), dir, data.GenerateOptions{Kind: kind, Classes: 2, PerClass: 7, Size: 40}))
	pairs, _, err := data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, string(kind)))
	require.NoError(t, err)
	for _, p := range pairs {
		s := augment.Sample{Picture: p.Picture, Mask: p.Target}
		if kind == data.Depths {
			s = augment.Sample{Picture: p.Picture, Depth: p.Target}
		}
		samples = append(samples, s)
	}
	return samples
}

func loader(samples []augment.Sample) *augment.Loader {
	return &augment.Loader{
		Samples: samples, Batches: &data.Batches{Samples: len(samples), Size: 4, Seed: 1}, Seed: 2,
		Policy: augment.Policy{Size: [2]int{24, 32}, Scale: [2]float64{0.3, 1}, Flip: 0.5, Brightness: 0.4, Contrast: 0.4, Saturation: 0.4, Hue: 0.1},
		Mask:   data.MaskOptions{Classes: 9}, PerMetre: data.Millimetres,
	}
}

// copied is a batch that outlives the next.
func copied(b *augment.Batch) augment.Batch {
	c := *b
	c.Samples, c.Pixels, c.Masks, c.Depths, c.Params = slices.Clone(b.Samples), slices.Clone(b.Pixels), slices.Clone(b.Masks), slices.Clone(b.Depths), slices.Clone(b.Params)
	return c
}

func batches(t *testing.T, l *augment.Loader, first, end int) (all []augment.Batch) {
	t.Helper()
	for b, err := range l.Steps(t.Context(), first, end) {
		require.NoError(t, err)
		all = append(all, copied(b))
	}
	require.Len(t, all, end-first)
	return all
}

// TestLoaderSameBits: for any number of workers, and from any step on.
func TestLoaderSameBits(t *testing.T) {
	for _, kind := range []data.Kind{data.Masks, data.Depths} {
		samples := generated(t, kind)
		l := loader(samples)
		l.Workers = 1
		want := batches(t, l, 0, 7) // two epochs of three steps, and one step
		require.Equal(t, uint64(2), want[6].Epoch)
		require.Len(t, want[0].Pixels, 4*3*24*32)
		require.NotEqual(t, want[0].Pixels, want[3].Pixels)
		require.Equal(t, kind == data.Masks, want[0].Masks != nil)
		require.Equal(t, kind == data.Depths, want[0].Depths != nil)
		for _, workers := range []int{0, 2, 5} {
			l := loader(samples)
			l.Workers, l.Ahead = workers, workers
			require.Equal(t, want, batches(t, l, 0, 7))
			require.Equal(t, want[4:], batches(t, l, 4, 7), "a run that goes on")
		}
		l = loader(samples)
		l.Seed++
		require.NotEqual(t, want[0].Params, batches(t, l, 0, 1)[0].Params)
	}
}

// TestLoaderSameGeometry: the shape is where its mask is.
func TestLoaderSameGeometry(t *testing.T) {
	l := loader(generated(t, data.Masks))
	l.Policy.Brightness, l.Policy.Contrast, l.Policy.Saturation, l.Policy.Hue = 0, 0, 0, 0
	for _, b := range batches(t, l, 0, 6) {
		n := 24 * 32
		for i := range b.Samples {
			light, dark, inside := 0.0, 0.0, 0.0
			for j := range n {
				v := 0.0
				for c := range 3 {
					v += float64(b.Pixels[(3*i+c)*n+j])
				}
				if b.Masks[n*i+j] != 0 {
					light, inside = light+v, inside+1
				} else {
					dark += v
				}
			}
			if inside > 50 && inside < float64(n)-50 {
				require.Greater(t, light/inside, 1.3*dark/(float64(n)-inside))
			}
		}
	}
}

// TestLoaderSkips: pictures that cannot be read are replaced, reported and counted.
func TestLoaderSkips(t *testing.T) {
	samples := generated(t, data.Masks)
	require.NoError(t, os.WriteFile(samples[3].Picture, []byte("no picture"), 0o644))
	require.NoError(t, os.Remove(samples[5].Mask))
	require.NoError(t, data.Generate(t.Context(), filepath.Join(filepath.Dir(samples[0].Picture), "small"), data.GenerateOptions{Kind: data.Masks, Classes: 1, PerClass: 1, Size: 16}))
	samples[6].Mask = filepath.Join(filepath.Dir(samples[0].Picture), "small", "masks", "circle-0000.png")
	l := loader(samples)
	l.Batches.Partial = true
	want := batches(t, l, 0, 4)
	found := 0
	for _, b := range want {
		for i, s := range b.Samples {
			require.NotContains(t, []int{3, 5, 6}, s)
			require.NotZero(t, b.Pixels[3*24*32*i:][:3*24*32])
		}
		found += len(b.Skipped)
	}
	require.Equal(t, 3, found)
	skipped := l.Skipped()
	require.Len(t, skipped, 3)
	require.Equal(t, samples[3].Picture, skipped[0].Path)
	require.ErrorContains(t, skipped[0].Err, samples[3].Picture)
	require.ErrorIs(t, skipped[1].Err, os.ErrNotExist)
	require.ErrorContains(t, skipped[2].Err, "has 16×16 pixels, its picture has 40×40")
	other := loader(samples)
	other.Batches.Partial, other.Workers = true, 3
	got := batches(t, other, 0, 4)
	for i := range want {
		want[i].Skipped, got[i].Skipped = nil, nil
	}
	require.Equal(t, want, got)
	batches(t, l, 4, 8)
	require.Len(t, l.Skipped(), 3, "each counts once")

	l = loader([]augment.Sample{samples[3], samples[3]})
	l.Samples[0].Mask = samples[0].Mask
	l.Batches.Size = 2
	for _, err := range l.Steps(t.Context(), 0, 1) {
		require.ErrorContains(t, err, "none of the 2 pictures of step 0 can be read; the first: "+samples[3].Picture)
	}
}

// TestLoaderStops: when ctx ends or the loop does, no goroutine is left.
func TestLoaderStops(t *testing.T) {
	before := runtime.NumGoroutine()
	l := loader(generated(t, data.Masks))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	steps := 0
	for _, err := range l.Steps(ctx, 0, 1_000_000) {
		if steps++; steps == 3 {
			cancel()
		}
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	require.GreaterOrEqual(t, steps, 3)
	for range l.Steps(t.Context(), 0, 1_000_000) {
		break
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func TestLoaderErrors(t *testing.T) {
	samples := []augment.Sample{{Picture: "a.png"}, {Picture: "b.png", Mask: "b.mask.png"}}
	for want, change := range map[string]func(l *augment.Loader){
		"Batches is nil; it says":                                  func(l *augment.Loader) { l.Batches = nil },
		"Batches has 3 samples, and there are 2":                   func(l *augment.Loader) { l.Batches.Samples = 3 },
		"Policy.Size is 0×0":                                       func(l *augment.Loader) { l.Policy.Size = [2]int{} },
		"there are -1 workers":                                     func(l *augment.Loader) { l.Workers = -1 },
		"a.png and b.png: either all samples have a mask, or none": func(l *augment.Loader) {},
		"the batch size is 9, and there are 2 samples":             func(l *augment.Loader) { l.Batches.Size = 9; l.Samples[1].Mask = "" },
		"the probability of a flip is 2: must be 0 to 1":           func(l *augment.Loader) { l.Policy.Flip = 2; l.Batches.Size = 1; l.Samples[1].Mask = "" },
	} {
		l := loader(slices.Clone(samples))
		change(l)
		n := 0
		for _, err := range l.Steps(t.Context(), 0, 2) {
			n++
			require.ErrorContains(t, err, want)
		}
		require.Equal(t, 1, n, want)
	}
}

func BenchmarkLoader(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			l := loader(generated(b, data.Masks))
			l.Policy.Size, l.Workers = [2]int{224, 224}, workers
			b.ResetTimer()
			for _, err := range l.Steps(b.Context(), 0, b.N) {
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
