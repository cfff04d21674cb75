package conformance

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func report() *Report {
	baseline := func(rms float64) *Baseline { return &Baseline{Error: Error{Max: 2 * rms, RMS: rms}} }
	r := &Report{
		Tensors: []Tensor{
			{Bundle: "a", Name: "good", Ours: Error{Max: 2, RMS: 1}, Baseline: baseline(4), Ratio: 0.25, counted: 0.25, Tokens: 8, Fast: &Fast{Ours: Error{Max: 4, RMS: 2}, Ratio: 0.5, counted: 0.5}},
			{Bundle: "a", Name: "bad", Ours: Error{Max: 9, RMS: 6}, Baseline: baseline(3), Ratio: 2, counted: 2},
			{Bundle: "b", Name: "loss", Ours: Error{Max: 5, RMS: 5}},
			{Bundle: "b", Name: "guess", Ours: Error{Max: 3, RMS: 3}, Baseline: &Baseline{Error: Error{RMS: 2}, Estimated: true}, Ratio: 1.5, counted: 1.5},
		},
		Images: []Image{
			{Bundle: "c", Name: "same.png"}, {Bundle: "c", Name: "near.jpg", Max: 2, Mean: 0.05, Lossy: true},
			{Bundle: "c", Name: "off.png", Max: 1, Mean: 0.01},
		},
		Checkpoints: []Checkpoint{{"e-outputs", "e", "torch hub"}},
		Skipped:     []Skip{{"d", "for a reason"}},
	}
	r.finish()
	return r
}

func TestReport(t *testing.T) {
	r := report()
	require.InEpsilon(t, math.Sqrt(0.5), r.Geomean(), 1e-12)
	require.Equal(t, 2.0, r.Worst())
	require.Equal(t, "bad", r.Tensors[0].Name)
	require.Len(t, r.Failures, 2)
	require.ErrorIs(t, r.Err(), ErrExceeded)
	require.ErrorContains(t, r.Err(), "a: bad: rms error is 6, 2 times that of PyTorch; the limit is 1.25, and 1 more")
	require.NoError(t, (&Report{}).Err())

	var text strings.Builder
	require.NoError(t, r.Write(&text, 3))
	require.Equal(t, strings.TrimLeft(`
bundle  tensor  ours  PyTorch's  ratio  fast path
a       bad     6     3          2.000  –
b       guess   3     ≈2         1.500  –
a       good    1     4          0.250  0.500
and 1 more
c  near.jpg  differs by up to 2 levels  0.05 on average
c  off.png   differs by up to 1 levels  0.01 on average
images: 1 of 3 equal Python's bit for bit
opened e, layout torch hub
skipped d: for a reason
FAILED a: bad: rms error is 6, 2 times that of PyTorch; the limit is 1.25
FAILED c: off.png: differs from Pillow by up to 1 levels, 0.01 on average; want no difference
FAILED (2): 1 tensors on the fast path, geometric mean 0.500 (limit 1), worst 0.500; 2 tensors, geometric mean 0.707 (limit 1), worst 2.000 (limit 1.25); 1 tensors with estimated limits; 1 tensors without a limit; 3 images
`, "\n"), text.String())
}

func TestReportMissesTheMean(t *testing.T) {
	r := &Report{Tensors: []Tensor{{Bundle: "a", Name: "x", Baseline: &Baseline{Error: Error{RMS: 1}}, Ratio: 1.1, counted: 1.1}}}
	r.finish()
	require.ErrorContains(t, r.Err(), "the geometric mean of all ratios is 1.100")
}

// On the fast path, tensors of a few tokens have a limit of their own.
func TestReportFastPath(t *testing.T) {
	for _, c := range []struct {
		tokens int
		ratio  float64
		misses bool
	}{{8, 1.25, false}, {8, 1.26, true}, {1, 2.9, false}, {1, 3.1, true}} {
		r := &Report{Tensors: []Tensor{{
			Bundle: "a", Name: "x", Tokens: c.tokens, Baseline: &Baseline{Error: Error{RMS: 1}}, Ratio: 0.5, counted: 0.5,
			Fast: &Fast{Ours: Error{RMS: c.ratio}, Ratio: c.ratio, counted: 0.9},
		}}}
		r.finish()
		require.Equal(t, c.misses, r.Err() != nil, c)
		if c.misses {
			require.ErrorContains(t, r.Err(), "a: x: on the fast path: rms error is")
		}
	}
	r := &Report{Tensors: []Tensor{{Bundle: "a", Name: "x", Tokens: 8, Baseline: &Baseline{Error: Error{RMS: 1}}, Fast: &Fast{Ratio: 1.1, counted: 1.1}, counted: 0.1}}}
	r.finish()
	require.ErrorContains(t, r.Err(), "on the fast path: the geometric mean of all ratios is 1.100")
}

func TestReportJSON(t *testing.T) {
	text, err := json.Marshal(report())
	require.NoError(t, err)
	require.JSONEq(t, `{
		"tensors": [
			{"bundle": "a", "name": "bad", "max": 9, "rms": 6, "torch_max": 6, "torch_rms": 3, "ratio": 2},
			{"bundle": "b", "name": "guess", "max": 3, "rms": 3, "torch_max": 0, "torch_rms": 2, "ratio": 1.5},
			{"bundle": "a", "name": "good", "max": 2, "rms": 1, "torch_max": 8, "torch_rms": 4, "ratio": 0.25, "fast_max": 4, "fast_rms": 2, "fast_ratio": 0.5}
		],
		"geomean": 0.7071067811865476, "worst": 2, "fast_geomean": 0.5, "fast_worst": 0.5,
		"checkpoints": [{"bundle": "e-outputs", "checkpoint": "e", "layout": "torch hub"}],
		"failed": [
			{"bundle": "a", "name": "bad", "reason": "rms error is 6, 2 times that of PyTorch; the limit is 1.25"},
			{"bundle": "c", "name": "off.png", "reason": "differs from Pillow by up to 1 levels, 0.01 on average; want no difference"}
		]}`, string(text))

	text, err = json.Marshal(&Report{})
	require.NoError(t, err)
	require.JSONEq(t, `{"tensors": [], "geomean": 0, "worst": 0, "checkpoints": [], "failed": []}`, string(text))

	r := &Report{Tensors: []Tensor{{Ratio: math.Inf(1), Ours: Error{Max: math.Inf(1), RMS: math.Inf(1)}, Baseline: &Baseline{}, counted: math.Inf(1)}}}
	text, err = json.Marshal(r)
	require.NoError(t, err)
	require.True(t, json.Valid(text))
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestReportToABrokenPipe(t *testing.T) {
	require.ErrorContains(t, report().Write(brokenPipe{}, -1), "broken pipe")
}
