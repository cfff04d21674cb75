package output

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio"

	"github.com/stretchr/testify/require"
)

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
