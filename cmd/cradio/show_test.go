package main

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSimilar(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.png")
	args := nano("similar", picture("chelsea.jpg"), picture("astronaut.png"), "--at", "0,0", "--at", "1.0,1.0", "--at", "225,150", "-s", "48x64", "--json", "-o", out)
	v := parsed[similarJSON](t, cradio(args...))
	require.Equal(t, []placeJSON{{"0,0", 0, 0}, {"1.0,1.0", 2, 3}, {"225,150", 1, 2}}, v.Places)
	require.Len(t, v.Images, 2)
	require.Len(t, v.Images[1].Maps, 3)
	for i, p := range v.Places {
		m := v.Images[0].Maps[i]
		require.InDelta(t, 1, float64(m.Cosines[p.Row][p.Col]), 1e-6, "with itself")
		require.NotEqual(t, [2]int{p.Row, p.Col}, [2]int{m.Best.Row, m.Best.Col})
		require.Equal(t, m.Best.Cosine, m.Cosines[m.Best.Row][m.Best.Col])
	}
	img := drawn(t, out)
	require.Greater(t, img.W, 4*384, "an image and three maps and overlays")
	cradio(append(args, "--colours", "turbo")...).succeeds(t)

	for want, place := range map[string]string{
		"is outside the image, which is 451×300 pixels: X must be 0 to 450, Y 0 to 299": "451,0",
		"--at -1,0: is outside":     "-1,0",
		"fractions must be 0 to 1":  "1.5,0.5",
		"must be X,Y: pixels":       "5",
		"--at a,b: must be X,Y":     "a,b",
		"--at NaN,NaN: must be X,Y": "NaN,NaN",
		"--at 1e400,0: must be X,Y": "1e400,0",
	} {
		cradio(nano("similar", picture("chelsea.jpg"), "--at", place, "-s", "48x64", "--json")...).fails(t, exitError, want)
	}
	cradio(nano("similar", picture("chelsea.jpg"), "--json")...).fails(t, exitError, "--at is missing")
	cradio(nano("similar", picture("chelsea.jpg"), "--at", "0,0", "--json", "--colours", "jet")...).fails(t, exitError, "must be viridis, turbo or grey")
}

func TestClusters(t *testing.T) {
	args := nano("clusters", picture("chelsea.jpg"), picture("astronaut.png"), "-k", "4", "-s", "64x64", "--json")
	one := cradio(append(args, "--threads", "1")...)
	v := parsed[clustersJSON](t, one)
	require.Equal(t, one.stdout, cradio(append(args, "--threads", "2")...).stdout)
	require.Len(t, v.Groups.Sizes, 4)
	counted := make([]int, 4)
	for _, im := range v.Images {
		for _, row := range im.Labels {
			for _, l := range row {
				counted[l]++
			}
		}
	}
	require.Equal(t, counted, v.Groups.Sizes)
	each := parsed[clustersJSON](t, cradio(append(args, "--each")...))
	require.Nil(t, each.Groups)
	require.Len(t, each.Images[1].Groups.Sizes, 4)
	out := filepath.Join(t.TempDir(), "x.png")
	o := cradio(nano("clusters", picture("chelsea.jpg"), "-k", "40", "-s", "64x64", "-o", out, "--smooth")...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "16 groups of features of synthetic:nano at 64x64 pixels; -k is 40")
	cradio(nano("clusters", picture("chelsea.jpg"), "-k", "0", "--json")...).fails(t, exitError, "--clusters 0: must be 1 to 256")
}

func TestAttention(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.png")
	args := nano("attention", picture("chelsea.jpg"), "-s", "48x64", "--json", "-o", out, "--from", "cls", "--from", "reg:0", "--from", "0,0")
	v := parsed[attentionJSON](t, cradio(args...))
	require.Equal(t, 2, v.Block)
	require.Len(t, v.Images[0].Attention, 3)
	for _, m := range v.Images[0].Attention {
		sum := 0.0
		for _, w := range m.Prefix {
			sum += float64(w)
		}
		for _, row := range m.Patches {
			for _, w := range row {
				sum += float64(w)
			}
		}
		require.InDelta(t, 1, sum, 1e-5)
		require.Len(t, m.Prefix, 8)
	}
	heads := parsed[attentionJSON](t, cradio(append(args, "--head", "all")...))
	require.Len(t, heads.Images[0].Attention, 3*heads.Heads)
	mean := 0.0
	for h := range heads.Heads {
		mean += float64(heads.Images[0].Attention[h].Patches[1][2]) / float64(heads.Heads)
	}
	require.InDelta(t, mean, float64(v.Images[0].Attention[0].Patches[1][2]), 1e-6)
	single := parsed[attentionJSON](t, cradio(append(args, "--head", "1")...))
	require.Equal(t, heads.Images[0].Attention[1].Patches, single.Images[0].Attention[0].Patches)

	for want, args := range map[string][]string{
		"block 9 does not exist":                   {"--block", "9"},
		"--head 2: does not exist":                 {"--head", "2"},
		"--head some: must be":                     {"--head", "some"},
		"--from cls:9: does not exist":             {"--from", "cls:9"},
		"--from eye: must be cls, cls:N, reg:N or": {"--from", "eye"},
		"is outside the image":                     {"--from", "999,999"},
	} {
		cradio(nano(append([]string{"attention", picture("chelsea.jpg"), "--json", "-s", "48x64"}, args...)...)...).fails(t, exitError, want)
	}
}

func TestCompare(t *testing.T) {
	same := parsed[compareJSON](t, cradio(nano("compare", picture("chelsea.jpg"), "-s", "48x64", "--json", "--with-model", "synthetic:nano")...))
	require.Equal(t, measuresJSON{1, 1, 0, 1, 1, 0}, same.All)
	narrow := parsed[compareJSON](t, cradio(nano("compare", picture("chelsea.jpg"), picture("gray.jpg"), "-s", "48x64", "--json", "--with-dtype", "bfloat16")...))
	require.Equal(t, "bfloat16", narrow.With.DType)
	require.Greater(t, float64(narrow.All.CosineMin), 0.99)
	require.Greater(t, float64(narrow.All.Error), 1e-5)
	require.Len(t, narrow.Images, 2)
	require.Len(t, narrow.Images[0].Cosines, 3)
	sized := parsed[compareJSON](t, cradio(nano("compare", picture("chelsea.jpg"), "-s", "48x64", "--json", "--with-size", "96x128")...))
	require.Equal(t, [2]int{6, 8}, [2]int{sized.Images[0].With.Rows, sized.Images[0].With.Cols})
	require.Less(t, float64(sized.All.CosineMean), 1.0)

	const hub = "../../conformance/checkpoints/hub"
	out := filepath.Join(t.TempDir(), "x.png")
	wider := cradio("compare", picture("chelsea.jpg"), "-s", "48x64", "--json", "-m", hub, "--with-adaptor", "clip")
	v := parsed[compareJSON](t, wider)
	require.Nil(t, v.Images[0].Cosines)
	require.Contains(t, wider.stdout, `"cosine_mean":null`)
	require.False(t, math.IsNaN(float64(v.All.CKA)))
	cradio("compare", picture("chelsea.jpg"), "-s", "48x64", "-o", out, "-m", hub, "--with-adaptor", "clip").fails(t, exitError, "different widths, so there is no map")

	o := cradio(nano("compare", picture("chelsea.jpg"), "-s", "48x64", "--with-block", "0", "-o", out)...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "features of synthetic:nano in float32 against block 0 of synthetic:nano in float32\n")
	require.Regexp(t, `cosine, mean .*CKA`, o.stdout)
	require.FileExists(t, out)
	cradio(nano("compare", picture("chelsea.jpg"))...).fails(t, exitError, "nothing to compare with: give --with-model")
	cradio(nano("compare", picture("chelsea.jpg"), "--with-dtype", "half")...).fails(t, exitError, "--with-dtype")
}
