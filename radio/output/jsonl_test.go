package output

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"cradio/radio"
	"cradio/radio/output/internal/line"

	"github.com/stretchr/testify/require"
)

func TestAppendJSON(t *testing.T) {
	r := result("a \"b\".jpg", 0, 1, 2)
	line, err := AppendJSON(nil, r, about)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"path": "a \"b\".jpg", "model": "synthetic:nano", "synthetic": true, "identity": "1234", "settings": "size=32",
		"dtype": "float32", "layout": "nlc", "cradio": "v1.2.3",
		"height": 16, "width": 32, "original_height": 100, "original_width": 200, "rows": 1, "cols": 2, "summary": [0, 1, 2, 3], "features": [[100, 101], [102, 103]],
		"adaptors": {"clip": {"summary": [200, 201, 202], "features": [[300, 301, 302], [303, 304, 305]]}},
		"intermediates": {"7": {"features": [[400, 401], [402, 403]], "prefix": [[500, 501]]}}}`, string(line))
	require.NotContains(t, string(line), "\n")

	line, err = AppendJSON([]byte("before"), summary("a", ramp(0.1, 1)), About{Model: "m"})
	require.NoError(t, err)
	require.Equal(t, `before{"path":"a","model":"m","synthetic":false,"dtype":"float32","layout":"nlc","height":0,"width":0,"original_height":0,"original_width":0,"rows":0,"cols":0,"summary":[0.1]}`, string(line))

	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		_, err = AppendJSON(nil, summary("a.jpg", ramp(float32(v), 1)), About{Model: "m"})
		require.ErrorContains(t, err, "a.jpg: a value is")
	}
}

// TestNumbersSurvive: the digits parse to the same float32.
func TestNumbersSurvive(t *testing.T) {
	values := []float32{1e-45, -3.4028235e38, 1.0 / 3, 16777217, 1e21, -0.000012345678, float32(math.Copysign(0, -1))}
	d := ramp(0, len(values))
	copy(d.Float32s(), values)
	line, err := AppendJSON(nil, summary("", d), About{Model: "m"})
	require.NoError(t, err)
	var got struct{ Summary []float32 }
	require.NoError(t, json.Unmarshal(line, &got))
	for i, v := range values {
		require.Equal(t, math.Float32bits(v), math.Float32bits(got.Summary[i]))
	}
}

// TestFewDigits: a number has as few digits as possible to get it back, via any larger type.
func TestFewDigits(t *testing.T) {
	d := ramp(0, 6)
	copy(d.Float32s(), []float32{1.0 / 3, 0.1, 100, 65504, 5.9604645e-8, -2.00048828125})
	for dtype, want := range map[DType]string{Float16: "[0.3333,0.1,100,65500,6e-08,-2]", BFloat16: "[0.334,0.1,100,65500,5.96e-08,-2]"} {
		line, err := AppendJSON(nil, summary("", d), About{Model: "m", DType: dtype})
		require.NoError(t, err)
		require.Contains(t, string(line), `"summary":`+want)
		require.Contains(t, string(line), `"dtype":"`+string(dtype))
	}
	_, err := AppendJSON(nil, summary("a", ramp(65520, 1)), About{Model: "m", DType: Float16})
	require.ErrorContains(t, err, "a: a value is 65520 in float16")
}

// TestEarlierLines: a run resumes lines of an earlier version, which have less metadata.
func TestEarlierLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	earlier := strings.NewReplacer(`,"dtype":"float32","layout":"nlc","cradio":"v1.2.3"`, "", `,"original_height":100,"original_width":200`, "").
		Replace(oneGo(t))
	require.NotContains(t, earlier, "dtype")
	lines := strings.SplitAfter(earlier, "\n")
	require.NoError(t, os.WriteFile(path, []byte(lines[0]+lines[1]), 0o644))
	require.NoError(t, resume(t, path, about, 5))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	got, want := strings.SplitAfter(string(text), "\n"), strings.SplitAfter(oneGo(t), "\n")
	require.Equal(t, want[2:], got[2:])
	require.Contains(t, got[0], `"settings":"size=32","dtype":"float32","layout":"nlc","height":16`, "which version computed it is not known")
	require.JSONEq(t, strings.Replace(lines[1], `"height"`, `"dtype":"float32","layout":"nlc","height"`, 1), got[1])
}

// five images, one of them twice.
func five() []radio.Result {
	var list []radio.Result
	for i, name := range []string{"a", "b", "a", "c\xff", "d"} {
		list = append(list, result(name, float32(10*i), 1, 1+i%2))
	}
	return list
}

// oneGo returns the file of an uninterrupted run.
func oneGo(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	write(t, path, about, five()...)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// resume resumes a run. It stops after a number of results, or at the end.
func resume(t *testing.T, path string, a About, stop int) error {
	all := five()
	w, r, err := Resume(path, a, names(all))
	if err != nil {
		return err
	}
	done := r.Done
	defer w.Close()
	for i, r := range all {
		if done[i] {
			continue
		}
		if stop == 0 {
			return w.Close()
		}
		stop--
		if err := w.Add(r); err != nil {
			return err
		}
	}
	_, err = w.Commit(context.Background())
	return err
}

// TestResume: for an interruption after any number of images, with the last line cut anywhere, the
// final file is that of an uninterrupted run.
func TestResume(t *testing.T) {
	want := oneGo(t)
	for stop := range 5 {
		for _, cut := range []int{0, 1, 100} {
			t.Run(fmt.Sprintf("%d pictures, %d bytes cut", stop, cut), func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, "x.jsonl")
				require.NoError(t, resume(t, path, about, stop))
				if stop == 0 {
					onlyFiles(t, dir)
				} else {
					onlyFiles(t, dir, "x.jsonl.partial")
					info, err := os.Stat(path + PartialExtension)
					require.NoError(t, err)
					require.NoError(t, os.Truncate(path+PartialExtension, info.Size()-int64(cut)))
				}
				require.NoError(t, resume(t, path, about, 5))
				onlyFiles(t, dir, "x.jsonl")
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, want, string(text))
			})
		}
	}
}

// TestKilledAtAnyByte: complete lines count as done, an incomplete one is removed, and other images
// are computed once.
func TestKilledAtAnyByte(t *testing.T) {
	want := oneGo(t)
	path := filepath.Join(t.TempDir(), "x.jsonl")
	for end := range len(want) + 1 {
		require.NoError(t, os.WriteFile(path+PartialExtension, []byte(want[:end]), 0o644))
		w, r, err := Resume(path, about, names(five()))
		require.NoError(t, err)
		whole := strings.Count(want[:end], "\n")
		done := 0
		for _, d := range r.Done {
			if d {
				done++
			}
		}
		require.Equal(t, whole, done)
		for i, result := range five() {
			if !r.Done[i] {
				require.NoError(t, w.Add(result))
			}
		}
		require.NoError(t, w.Close())
		partial, err := os.ReadFile(path + PartialExtension)
		require.NoError(t, err)
		require.Equal(t, want, string(partial))
	}
}

// TestResumeFromTheFile: a finished run that left out images is completed, in the order of the
// images.
func TestResumeFromTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.jsonl")
	all := five()
	write(t, path, about, all[1], all[3])
	w, r, err := Resume(path, about, names(all))
	require.NoError(t, err)
	require.Equal(t, []bool{false, true, false, true, false}, r.Done)
	require.NoError(t, w.Close())
	onlyFiles(t, dir, "x.jsonl")
	require.NoError(t, resume(t, path, about, 5))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, oneGo(t), string(text))
}

// TestNothingDoubled: duplicate lines, as after two concurrent runs, are written once.
func TestNothingDoubled(t *testing.T) {
	want := oneGo(t)
	path := filepath.Join(t.TempDir(), "x.jsonl")
	require.NoError(t, os.WriteFile(path+PartialExtension, []byte(want+want), 0o644))
	require.NoError(t, resume(t, path, about, 5))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(text))
}

func TestResumeRefuses(t *testing.T) {
	good := oneGo(t)
	other, another := about, about
	other.Settings = "size=64"
	another.Identity = isModel("5678")
	first := good[:strings.Index(good, "\n")+1]
	for want, c := range map[string]struct {
		about About
		text  string
	}{
		`x.jsonl: cannot be resumed: line 1 was computed with settings "size=32", but this run has "size=64"; use the same settings`:            {other, good},
		"x.jsonl: cannot be resumed: its lines were computed by another model than synthetic:nano: their identity is 1234, the model's is 5678": {another, good},
		"line 2 was computed by another model than the lines before it: its identity is 5678, not 1234":                                         {about, first + strings.Replace(good, "1234", "5678", 1)},
		"line 1 has no identity or no settings of its model":                                                                                    {about, strings.Replace(good, `"identity":"1234",`, "", 1)},
		"line 1 is damaged":              {about, "{\n" + good},
		"line 1 has no path or no model": {about, "{\"x\": 1}\n"},
	} {
		for _, complete := range []bool{false, true} {
			if complete && !strings.Contains(want, "another model than synthetic") {
				continue
			}
			dir := t.TempDir()
			path := filepath.Join(dir, "x.jsonl")
			text := c.text
			if !complete && text == good { // an image is not computed yet
				text = text[:strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n")+1]
			}
			require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
			require.ErrorContains(t, resume(t, path, c.about, 5), want)
			onlyFiles(t, dir, "x.jsonl")
			now, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, text, string(now))
		}
	}
	_, _, err := Resume(filepath.Join(t.TempDir(), "x.jsonl"), About{Model: "m"}, nil)
	require.ErrorContains(t, err, "no Identity or no Settings")
}

// TestImagesRemoved: lines of images that are no longer given are dropped.
func TestImagesRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	gone := append(five(), result("gone", 60, 1, 1), result("gone too", 70, 1, 1))
	write(t, path, about, gone...)
	w, r, err := Resume(path, about, names(five()))
	require.NoError(t, err)
	require.Equal(t, Resumed{Done: []bool{true, true, true, true, true}, LeftOut: 2}, r)
	_, err = w.Commit(context.Background())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, oneGo(t), string(text))
}

// TestOtherSpellings: if paths and the model are spelled differently, the output has the spelling of
// this run.
func TestOtherSpellings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	before := five()
	for i := range before {
		before[i].Name = ".//" + before[i].Name
	}
	spelled := about
	spelled.Model = "./synthetic:nano"
	write(t, path, spelled, before[:3]...)
	w, r, err := Resume(path, about, names(five()))
	require.NoError(t, err)
	require.Equal(t, []bool{true, true, true, false, false}, r.Done)
	require.NoError(t, w.Close())
	require.NoError(t, resume(t, path, about, 5))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, oneGo(t), string(text))

	require.NotEqual(t, line.Key("-"), line.Key("./-"), "standard input is no file")
}

// TestPartialAndFinished: if both files exist, lines of both count.
func TestPartialAndFinished(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	require.NoError(t, resume(t, path, about, 2))
	all := five()
	write2 := func(results ...radio.Result) {
		w, err := Create(path, about, names(results))
		require.NoError(t, err)
		for _, r := range results {
			require.NoError(t, w.Add(r))
		}
		_, err = w.Commit(context.Background())
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	write2(all[1], all[4])
	w, r, err := Resume(path, about, names(all))
	require.NoError(t, err)
	require.Equal(t, []bool{true, true, false, false, true}, r.Done)
	require.NoError(t, w.Close())
	require.NoError(t, resume(t, path, about, 5))
	onlyFiles(t, filepath.Dir(path), "x.jsonl")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, oneGo(t), string(text))
}

// TestChangedMeanwhile: if the model changes while it is in use, the run ends. Earlier lines are kept.
func TestChangedMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	a, left := about, 3
	a.Identity = func() (string, error) {
		if left--; left < 0 {
			return "", errors.New("the checkpoint has changed")
		}
		return "1234", nil
	}
	w, _, err := Resume(path, a, names(five()))
	require.NoError(t, err)
	require.NoError(t, w.Add(five()[0]))
	require.ErrorContains(t, w.Add(five()[1]), "the checkpoint has changed")
	require.NoError(t, w.Close())
	require.NoError(t, resume(t, path, about, 5))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, oneGo(t), string(text))
}

// TestAnyBytes: a path that JSON cannot hold can be restored, and is distinct from others.
func TestAnyBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	strange := []radio.Result{result("c\xff", 0, 1, 1), result("c\xfe", 1, 1, 1), result("d\n\x1b\u202e\U000e0001é", 2, 1, 1)}
	write(t, path, about, strange...)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, utf8.Valid(text))
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		require.NotContains(t, line, "\x1b")
		require.NotContains(t, line, "\u202e")
		var h head
		require.NoError(t, json.Unmarshal([]byte(line), &h))
		require.Equal(t, strange[i].Name, h.Name())
	}
	_, r, err := Resume(path, about, []string{"c\xfe", "c\xfd", "d\n\x1b\u202e\U000e0001é"})
	require.NoError(t, err)
	require.Equal(t, Resumed{Done: []bool{true, false, true}, LeftOut: 1}, r)
}
