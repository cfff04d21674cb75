package augment_test

import (
	"math"
	"testing"

	"cradio/radio/augment"
	"cradio/radio/data"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// TestDraw: what is drawn is within its range, and reaches its ends.
func TestDraw(t *testing.T) {
	p := augment.Policy{Size: [2]int{8, 8}, Scale: [2]float64{0.2, 0.6}, Ratio: [2]float64{0.5, 2}, Flip: 0.25, Brightness: 0.5, Contrast: 2, Hue: 0.1}
	const h, w, draws = 300, 400, 4000
	flips, first := 0, map[augment.Change]int{}
	least, most := map[augment.Change]float64{}, map[augment.Change]float64{}
	smallest, largest, narrow, wide := 1.0, 0.0, 9.0, 0.0
	for i := range uint64(draws) {
		params, err := p.Draw(data.Rand(1, 0, i, "augment"), h, w)
		require.NoError(t, err)
		require.NoError(t, params.Check(h, w))
		area := float64(params.Crop.Height*params.Crop.Width) / (h * w)
		ratio := float64(params.Crop.Width) / float64(params.Crop.Height)
		smallest, largest, narrow, wide = min(smallest, area), max(largest, area), min(narrow, ratio), max(wide, ratio)
		if params.Flip {
			flips++
		}
		require.Len(t, params.Jitter, 3)
		first[params.Jitter[0].Change]++
		for _, j := range params.Jitter {
			least[j.Change], most[j.Change] = min(least[j.Change], j.Factor), max(most[j.Change], j.Factor)
		}
	}
	require.InDelta(t, 0.25, float64(flips)/draws, 0.03)
	require.InDelta(t, 0.2, smallest, 0.01)
	require.InDelta(t, 0.6, largest, 0.01)
	require.InDelta(t, 0.5, narrow, 0.02)
	require.InDelta(t, 2, wide, 0.05)
	for change, want := range map[augment.Change][2]float64{augment.Brightness: {0, 1.5}, augment.Contrast: {0, 3}, augment.Hue: {-0.1, 0.1}} {
		require.InDelta(t, want[0], least[change], 0.01)
		require.InDelta(t, want[1], most[change], 0.01)
		require.InDelta(t, draws/3, first[change], 150, "any may be the first")
	}
	require.True(t, p.Random())
	require.False(t, augment.Policy{Size: [2]int{8, 8}}.Random())
}

// TestDrawFallsBack: where no crop fits in ten tries, it is the largest in the middle.
func TestDrawFallsBack(t *testing.T) {
	p := augment.Policy{Scale: [2]float64{1, 1}}
	params, err := p.Draw(data.Rand(0, 0, 0, ""), 10, 100)
	require.NoError(t, err)
	require.Equal(t, augment.Box{Top: 0, Left: 43, Height: 10, Width: 13}, params.Crop)
	params, err = p.Draw(data.Rand(0, 0, 0, ""), 100, 10)
	require.NoError(t, err)
	require.Equal(t, augment.Box{Top: 43, Left: 0, Height: 13, Width: 10}, params.Crop)
}

func TestPolicyErrors(t *testing.T) {
	nan := math.NaN()
	for want, p := range map[string]augment.Policy{
		"the scale of crops is 0 to 1":         {Scale: [2]float64{0, 1}},
		"the scale of crops is 0.5 to 2":       {Scale: [2]float64{0.5, 2}},
		"the aspect ratio of crops is 2 to 1":  {Ratio: [2]float64{2, 1}},
		"the probability of a flip is NaN":     {Flip: nan},
		"the size is 5×0 pixels":               {Size: [2]int{5, 0}},
		"the hue moves by up to 0.6":           {Hue: 0.6},
		"brightness is -1: must be a finite":   {Brightness: -1},
		"saturation is +Inf: must be a finite": {Saturation: math.Inf(1)},
	} {
		_, err := p.Draw(data.Rand(0, 0, 0, ""), 10, 10)
		require.ErrorContains(t, err, want)
	}
	_, err := augment.Policy{}.Draw(data.Rand(0, 0, 0, ""), 0, 10)
	require.ErrorContains(t, err, "the picture has 0×10 pixels")
}

func TestParamsErrors(t *testing.T) {
	img := &image.RGB{H: 4, W: 5, Pix: make([]uint8, 60)}
	for want, p := range map[string]augment.Params{
		"the crop of 4×5 pixels (height×width) at row 1, column 0 is not inside a picture of 4×5": {Crop: augment.Box{Top: 1, Height: 4, Width: 5}},
		"the size is 0×3 pixels (height×width): must be at least 1×1":                             {Size: [2]int{0, 3}},
		`there is no change "gamma": want brightness, contrast, saturation or hue`:                {Jitter: []augment.Jitter{{Change: "gamma"}}},
		"the factor of contrast is -1: must be a finite number":                                   {Jitter: []augment.Jitter{{augment.Contrast, -1}}},
		"the hue moves by 0.7: must be -0.5 to 0.5":                                               {Jitter: []augment.Jitter{{augment.Hue, 0.7}}},
	} {
		_, err := p.Apply(img)
		require.ErrorContains(t, err, want)
		_, err = p.ApplyMask(&data.Mask{H: 4, W: 5, Pix: make([]uint8, 20)})
		require.ErrorContains(t, err, want)
	}
}

// TestApplyKeeps: the picture is not changed, and transparency is on white.
func TestApplyKeeps(t *testing.T) {
	img := &image.RGB{H: 1, W: 2, Pix: []uint8{10, 20, 30, 40, 50, 60}, Alpha: []uint8{255, 0}}
	out, err := augment.Params{Flip: true}.Apply(img)
	require.NoError(t, err)
	require.Equal(t, []uint8{255, 255, 255, 10, 20, 30}, out.Pix)
	require.Equal(t, []uint8{10, 20, 30, 40, 50, 60}, img.Pix)
	img.Alpha = nil
	out, err = augment.Params{Jitter: []augment.Jitter{{augment.Brightness, 0}}}.Apply(img)
	require.NoError(t, err)
	require.Equal(t, make([]uint8, 6), out.Pix)
	require.Equal(t, []uint8{10, 20, 30, 40, 50, 60}, img.Pix)
}
