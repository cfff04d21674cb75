package output

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio"

	"github.com/stretchr/testify/require"
)

func TestAppendJSON(t *testing.T) {
	r := result("a \"b\".jpg", 0, 1, 2)
	line, err := AppendJSON(nil, r, about)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"path": "a \"b\".jpg", "model": "synthetic:nano", "synthetic": true, "settings": "size=32",
		"height": 16, "width": 32, "rows": 1, "cols": 2, "summary": [0, 1, 2, 3], "features": [[100, 101], [102, 103]],
		"adaptors": {"clip": {"summary": [200, 201, 202], "features": [[300, 301, 302], [303, 304, 305]]}},
		"intermediates": {"7": {"features": [[400, 401], [402, 403]], "prefix": [[500, 501]]}}}`, string(line))
	require.NotContains(t, string(line), "\n")

	line, err = AppendJSON([]byte("before"), radio.Result{Name: "a", Summary: ramp(0.1, 1)}, About{Model: "m"})
	require.NoError(t, err)
	require.Equal(t, `before{"path":"a","model":"m","synthetic":false,"height":0,"width":0,"rows":0,"cols":0,"summary":[0.1]}`, string(line))

	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		_, err = AppendJSON(nil, radio.Result{Name: "a.jpg", Summary: ramp(float32(v), 1)}, About{Model: "m"})
		require.ErrorContains(t, err, "a.jpg: a value is")
	}
}

// TestNumbersSurvive: the digits give back the very float32.
func TestNumbersSurvive(t *testing.T) {
	values := []float32{1e-45, -3.4028235e38, 1.0 / 3, 16777217, 1e21, -0.000012345678, float32(math.Copysign(0, -1))}
	d := ramp(0, len(values))
	copy(d.Float32s(), values)
	line, err := AppendJSON(nil, radio.Result{Summary: d}, About{Model: "m"})
	require.NoError(t, err)
	var got struct{ Summary []float32 }
	require.NoError(t, json.Unmarshal(line, &got))
	for i, v := range values {
		require.Equal(t, math.Float32bits(v), math.Float32bits(got.Summary[i]))
	}
}

// five pictures, one of them twice.
func five() []radio.Result {
	var list []radio.Result
	for i, name := range []string{"a", "b", "a", "c\xff", "d"} {
		list = append(list, result(name, float32(10*i), 1, 1+i%2))
	}
	return list
}

// oneGo is the file that a run in one go writes.
func oneGo(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	write(t, path, about, five()...)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// resume runs until so many results are added, then stops, or goes to the end.
func resume(t *testing.T, path string, a About, stop int) error {
	all := five()
	w, done, err := Resume(path, a, names(all))
	if err != nil {
		return err
	}
	defer w.Close()
	for i, r := range all {
		if done[i] {
			continue
		}
		if stop == 0 {
			return w.Close()
		}
		stop--
		require.NoError(t, w.Add(r))
	}
	_, err = w.Commit(context.Background())
	return err
}

// TestResume: interrupted after each number of pictures, and with the last line
// cut anywhere, the file at the end is that of a run in one go.
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

// TestResumeFromTheFile: a finished run that left pictures out is completed, in
// the order of the pictures.
func TestResumeFromTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.jsonl")
	all := five()
	write(t, path, about, all[1], all[3])
	w, done, err := Resume(path, about, names(all))
	require.NoError(t, err)
	require.Equal(t, []bool{false, true, false, true, false}, done)
	require.NoError(t, w.Close())
	onlyFiles(t, dir, "x.jsonl")
	require.NoError(t, resume(t, path, about, 5))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, oneGo(t), string(text))
}

// TestNothingDoubled: lines that are there twice, as after two runs at once,
// are written once.
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
	other := about
	other.Settings = "size=64"
	for want, c := range map[string]struct {
		about About
		text  string
	}{
		`x.jsonl: cannot be resumed: line 1 was computed with model "synthetic:nano" and settings "size=32", this run has "synthetic:nano" and "size=64"`: {other, good},
		"line 2 is of a picture that this run was not given, z": {about, good[:strings.Index(good, "\n")+1] + strings.Replace(good, `"path":"a"`, `"path":"z"`, 1)},
		"line 1 is damaged":            {about, "{\n" + good},
		"line 1 has no path and model": {about, "{\"x\": 1}\n"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "x.jsonl")
		require.NoError(t, os.WriteFile(path, []byte(c.text), 0o644))
		require.ErrorContains(t, resume(t, path, c.about, 5), want)
		onlyFiles(t, dir, "x.jsonl")
	}
}

// FuzzResume: whatever a partial file holds, it is refused, or every picture has
// one line once those that it lacks are added.
func FuzzResume(f *testing.F) {
	var whole []byte
	for _, r := range five() {
		line, err := AppendJSON(nil, r, about)
		require.NoError(f, err)
		whole = append(append(whole, line...), '\n')
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-40])
	f.Add([]byte("{}\n"))
	f.Add([]byte("\x00\x00\n\n"))
	path := filepath.Join(f.TempDir(), "x.jsonl")
	f.Fuzz(func(t *testing.T, partial []byte) {
		require.NoError(t, os.WriteFile(path+PartialExtension, partial, 0o644))
		all := five()
		w, done, err := Resume(path, about, names(all))
		if err != nil {
			require.ErrorContains(t, err, "cannot be resumed")
			return
		}
		defer w.Close()
		for i, r := range all {
			if !done[i] {
				require.NoError(t, w.Add(r))
			}
		}
		count := 0
		_, err = w.(*lines).scan(context.Background(), func(_ span, i int, _ head) error {
			require.GreaterOrEqual(t, i, 0)
			count++
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, len(all), count)
	})
}
