package index

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
)

// Progress is told how many rows have codes, of how many. It may be nil.
type Progress = func(done, total int)

// Report is what an Update did.
type Report struct {
	features.Report
	Coded int // rows whose codes were written
}

// Update brings an index up to date with the pictures of a job's set: it computes the rows of pictures
// that are new or have changed, and removes those of pictures that are gone. The fields Views, DType and
// Brief of the job are set here. Paths in the set should be absolute.
//
// Whenever it ends, by an error, ctx or a kill, the index can be searched, and the next Update goes on.
// An index of another model, precision, preprocessing or source is an error that wraps ErrOther.
func Update(ctx context.Context, job features.Job, progress Progress) (*Report, error) {
	job.Views, job.DType, job.Brief = features.Views{}, features.Float32, true
	r, err := job.Recipe(ctx)
	if err != nil {
		return nil, err
	}
	if err := Same(job.Dir, r); err != nil {
		return nil, err
	}
	report, err := job.Run(ctx)
	if err != nil {
		if report == nil {
			return nil, inWords(job.Dir, err)
		}
		return &Report{Report: *report}, inWords(job.Dir, err)
	}
	coded, err := Encode(ctx, job.Dir, progress)
	return &Report{*report, coded}, err
}

// Current reports whether an index has just the pictures of a set, as they are now, all with codes: an
// Update would change nothing, if the model and its options are the same. The set's Read must have been
// called.
func (x *Index) Current(set *data.Dataset) bool {
	same := len(set.Items) == len(x.Set.Items) && slices.EqualFunc(set.Items, x.Set.Items, func(a, b data.Item) bool {
		return a.Path == b.Path && a.SHA256 == b.SHA256 && a.Stamp == b.Stamp
	})
	skipped := func(d *data.Dataset) (paths []string) {
		for _, s := range d.Skipped {
			paths = append(paths, s.Path)
		}
		slices.Sort(paths)
		return paths
	}
	if !same || !slices.Equal(skipped(set), skipped(x.Set)) {
		return false
	}
	for _, c := range x.columns {
		for row, first := range x.first {
			if first >= 0 && !c.codes.valid[row] {
				return false
			}
		}
	}
	return true
}

// ErrOther is wrapped by the error of an index that was made by another model, or in another way.
var ErrOther = errors.New("the index was made in another way")

// OtherError says in what an index differs from what is wanted.
type OtherError struct {
	Dir         string
	What        string // such as "precision"
	Found, Want string
	Model       string // that it was made with
}

func (e *OtherError) Error() string {
	return filepath.Clean(e.Dir) + ": was made with another " + e.What + ": " + e.Found + " of the model " + e.Model + ", now " + e.Want +
		"; vectors of both cannot be compared"
}

// Unwrap makes it an ErrOther.
func (e *OtherError) Unwrap() error { return ErrOther }

// Same returns an error that wraps ErrOther for an index whose rows were computed by another recipe.
func Same(dir string, r features.Recipe) error {
	s, err := features.Open(dir)
	if err != nil {
		return nil // Job.Run makes it, mends it, or says what is wrong
	}
	defer s.Close()
	return same(s, r, r.Sources())
}

// same returns an error if rows of some sources by another recipe are not comparable with those of s.
func same(s *features.Store, r features.Recipe, sources []radio.Source) error {
	other := func(what, found, want string) error {
		return &OtherError{Dir: s.Dir, What: what, Found: found, Want: want, Model: s.About.Model}
	}
	have := s.Recipe
	switch {
	case have.Model != r.Model:
		return other("model", brief(have.Model), brief(r.Model))
	case have.Precision != r.Precision:
		return other("precision", have.Precision, r.Precision)
	case have.Preprocessing != r.Preprocessing:
		return other("preprocessing", have.Preprocessing, r.Preprocessing)
	case !slices.Equal(have.Sources(), sources):
		return other("list of outputs", texts(have.Sources()), texts(sources))
	}
	return nil
}

// brief is the beginning of an identity.
func brief(id string) string { return "identity " + id[:min(12, len(id))] + "…" }

func texts(list []radio.Source) string {
	text := ""
	for i, s := range list {
		if i > 0 {
			text += ", "
		}
		text += string(s)
	}
	return text
}

// Suits returns an error that wraps ErrOther if vectors by another recipe cannot be compared with those
// of the index.
func (x *Index) Suits(r features.Recipe) error { return same(x.Store, r, x.Recipe.Sources()) }
