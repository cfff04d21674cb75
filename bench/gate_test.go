package bench_test

import (
	"context"
	"testing"
	"time"

	"cradio/bench"

	"github.com/stretchr/testify/require"
)

func TestJudge(t *testing.T) {
	limits := bench.Limits{Floor: 0.85, Drift: 0.06, Others: 0.03}
	for _, c := range []struct {
		name          string
		before, after float64
		others        float64
		want          string
	}{
		{"quiet", 230, 228, 0.01, ""},
		{"just quiet enough", 200, 200, 0.03, ""},
		{"slow before", 115, 230, 0, "a probe at 50 % of the fastest"},
		{"slow after", 230, 115, 0, "a probe at 50 % of the fastest"},
		{"slow all along", 115, 115, 0, "a probe at 50 % of the fastest"},
		{"drifting", 230, 205, 0, "probes differ by 11 %"},
		{"not alone", 230, 230, 0.2, "other processes used 20 % of the processors"},
	} {
		got := limits.Judge(&bench.Measurement{Before: c.before, After: c.after, Others: c.others}, 230)
		require.Equal(t, c.want, got, c.name)
	}
}

// scripted gives the numbers of a list, and its last one again and again.
func scripted(values ...float64) func() float64 {
	return func() float64 {
		v := values[0]
		if len(values) > 1 {
			values = values[1:]
		}
		return v
	}
}

// lenient leaves the processor time of others out: tests do not run alone.
var lenient = bench.Limits{Floor: 0.85, Drift: 0.06, Others: 2}

func TestWait(t *testing.T) {
	ctx := context.Background()
	g := &bench.Gate{Probe: scripted(100, 50, 60, 99), Limits: lenient, Patience: time.Minute}
	require.Equal(t, 100.0, g.Wait(ctx))
	require.Equal(t, 99.0, g.Wait(ctx), "the slow probes are waited out")
	require.Equal(t, 100.0, g.Best())

	g = &bench.Gate{Probe: scripted(100, 50), Limits: lenient}
	g.Wait(ctx)
	require.Equal(t, 50.0, g.Wait(ctx), "without patience the probe is taken as it is")
}

func TestTimeJudges(t *testing.T) {
	for _, c := range []struct {
		name      string
		probes    []float64
		disturbed string
		after     float64
	}{
		{"quiet", []float64{100, 99}, "", 99},
		{"falling asleep after the measurement", []float64{100, 60, 97}, "", 97},
		{"disturbed for good", []float64{100, 60, 50, 40, 55}, "a probe at 60 % of the fastest", 60},
		{"a faster machine than before", []float64{80, 100}, "a probe at 80 % of the fastest", 100},
	} {
		g := &bench.Gate{Probe: scripted(c.probes...), Limits: lenient}
		m, err := g.Time(context.Background(), &entrant{name: "x", seconds: 0.25}, 4)
		require.NoError(t, err)
		require.Equal(t, c.disturbed, m.Disturbed, c.name)
		require.Equal(t, c.after, m.After, c.name)
		require.Equal(t, 4, m.Runs)
		require.Equal(t, 0.25, m.Seconds)
	}
}
