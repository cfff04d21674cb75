package train_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cradio/radio/data"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// TestResumeNamesData: a run that would go on with other data names the pictures that are new, gone, or have other
// contents or labels, of both parts. Where its list is lost it says what it can, and nothing is changed.
func TestResumeNamesData(t *testing.T) {
	m := nano(t, 0)
	set := labelled(t, generated(t, data.Labels, 2, 8))
	if len(set.Val) == 0 {
		set.Val, set.Train = set.Train[:3], set.Train[3:]
	}
	set.Train = set.Train[:10]
	dir := t.TempDir()
	r := recipes()["block"]
	run, _ := begin(t, m, set, r, short(3), dir)
	_, err := run.Train(t.Context())
	require.NoError(t, err)
	resume := func(change func(s *train.Set)) error {
		s := *set
		s.Train, s.Val = slices.Clone(set.Train), slices.Clone(set.Val)
		change(&s)
		run, _ := begin(t, m, &s, r, short(3), dir)
		run.Resume = true
		_, err := run.Train(t.Context())
		return err
	}
	path := func(i int) string { return set.Train[i].Picture }
	const first, last = ": the run to go on with differs: ", "; give the same options and data, or another folder"
	other := strings.Repeat("5", 64)
	for name, c := range map[string]struct {
		change func(s *train.Set)
		want   string
	}{
		"new": {func(s *train.Set) {
			e := s.Train[0]
			e.Picture, e.SHA256 = e.Picture+" too", other
			s.Train = append(s.Train, e)
		}, "the training data were 10 samples, are 11 samples: 1 is new (" + path(0) + " too)"},
		"gone": {func(s *train.Set) { s.Train = s.Train[4:] },
			"the training data were 10 samples, are 6 samples: 4 are not among them any more (" + path(0) + ", " + path(1) + ", " + path(2) + ", …)"},
		"contents and labels": {func(s *train.Set) {
			s.Train[1].SHA256 = other
			s.Train[2].Labels = []int{1 - s.Train[2].Labels[0]}
			s.Train[5].Labels = []int{1 - s.Train[5].Labels[0]}
		}, "the training data were 10 samples, and are as many: 1 has other contents (" + path(1) + "), 2 have other labels (" + path(2) + ", " + path(5) + ")"},
		"order": {func(s *train.Set) { s.Train[0], s.Train[1] = s.Train[1], s.Train[0] },
			"the training data were 10 samples, and are as many: they are in another order"},
		"val": {func(s *train.Set) { s.Val[0].SHA256 = other },
			"the validation data were " + countOf(set.Val) + ", and are as many: 1 has other contents (" + set.Val[0].Picture + ")"},
		"no val": {func(s *train.Set) { s.Val = nil },
			"the validation data were " + countOf(set.Val) + ", are 0 samples: "},
	} {
		t.Run(name, func(t *testing.T) {
			err := resume(c.change)
			require.ErrorContains(t, err, dir+first+c.want)
			require.True(t, strings.HasSuffix(err.Error(), last), "%v", err)
		})
	}
	list := filepath.Join(dir, train.CheckpointFolder, train.SamplesFile)
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	require.Equal(t, 1+len(set.Train)+len(set.Val), strings.Count(string(text), "\n"))
	for _, damaged := range []string{"", "{}\n", string(text[:len(text)-9]), strings.Replace(string(text), "samples", "sample", 1)} {
		require.NoError(t, os.WriteFile(list, []byte(damaged), 0o666))
		err := resume(func(s *train.Set) { s.Train[1].SHA256 = other })
		require.EqualError(t, err, dir+first+"the training data were 10 samples, are 10 samples, of which some have other contents or labels, or another place in the order; the run did not list them"+last)
	}
	require.NoError(t, resume(func(*train.Set) {}), "moved pictures are the same")
	again, err := os.ReadFile(list)
	require.NoError(t, err)
	require.Equal(t, text, again, "the list is written again")
	require.NoError(t, resume(func(s *train.Set) { s.Path = "moved" }))
}

func countOf(list []train.Example) string {
	text, _ := json.Marshal(len(list))
	return string(text) + " samples"
}
