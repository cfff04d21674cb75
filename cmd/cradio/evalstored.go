package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/eval"
	"cradio/radio/features"
	"cradio/radio/output"

	"github.com/spf13/cobra"
)

// storedFeatures are features that were computed before.
type storedFeatures struct {
	set     *data.Dataset
	about   evalAbout
	summary int // numbers of the summary at the start of a vector, of several inputs
	vector  func(item int) []float32
	// rows, if not nil, returns the rows of items where they lie in the file.
	rows  func(items []int) eval.Rows
	close func() error
}

// isStored reports whether DATA is a store, or a file of features.
func isStored(path string) bool {
	switch extensionOf(path) {
	case ".npz", ".npy":
		return true
	}
	return features.IsStore(path)
}

// openStored opens features, and splits them as images are split.
func (f *evalFlags) openStored(cmd *cobra.Command, path string) (s *storedFeatures, err error) {
	for _, name := range []string{"model", "size", "dtype", "batch", "alpha", "max-pixels"} {
		if cmd.Flags().Changed(name) {
			return nil, usage(cmd, "--%s: the features of %s are computed already; leave it out", name, shown(path))
		}
	}
	shares, paths, err := f.shares(cmd)
	if err != nil {
		return nil, err
	}
	for part, other := range paths {
		return nil, usage(cmd, "--%s %s: must be a share of %s, such as 0.2; a list with the column split sets the parts", part, shown(other), shown(path))
	}
	if features.IsStore(path) {
		s, err = f.openStore(cmd, path)
	} else {
		s, err = f.openVectors(path)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case len(s.set.Classes) == 0:
		err = fmt.Errorf("%s: has no labels; make it of a folder with a folder for each class, or of a list", shown(path))
	case s.set.MultiLabel:
		err = fmt.Errorf("%s: has several labels an image: knn and logistic want one; give a column label", shown(path))
	default:
		err = f.split(cmd, s.set, shares)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// openStore opens a store of cradio features. Whole images are evaluated.
func (f *evalFlags) openStore(cmd *cobra.Command, path string) (*storedFeatures, error) {
	if f.labels != "" {
		return nil, usage(cmd, "--labels: the labels are in %s; leave it out", shown(path))
	}
	if f.adaptor != "" && f.input != inputSummary {
		return nil, usage(cmd, "--adaptor %s: a store has its summary only; give --input summary", shown(f.adaptor))
	}
	s, err := features.Open(path)
	if err != nil {
		return nil, err
	}
	summary := radio.SummarySource
	if f.adaptor != "" {
		summary = radio.AdaptorSource(f.adaptor)
	}
	sources := map[string][]radio.Source{inputSummary: {summary}, inputMean: {radio.MeanSource}, inputBoth: {summary, radio.MeanSource}}[f.input]
	var arrays []*features.Array
	for _, source := range sources {
		a, err := s.Array(source)
		if err != nil {
			s.Close()
			return nil, err
		}
		arrays = append(arrays, a)
	}
	if err := s.Verify(cmd.Context(), nil, sources...); err != nil {
		s.Close()
		return nil, err
	}
	vector := func(item int) []float32 {
		var v []float32
		for _, a := range arrays {
			v = append(v, a.Gather([]int{s.Row(item, 0)})...)
		}
		return v
	}
	set := *s.Set
	set.Path = path
	out := &storedFeatures{
		set:     &set,
		about:   evalAbout{s.About.Model, s.About.Synthetic, s.Recipe.Precision, fmt.Sprintf("%d×%d patches", s.Recipe.Grid[0], s.Recipe.Grid[1])},
		summary: arrays[0].Width, vector: vector, close: s.Close,
	}
	if a := arrays[0]; len(arrays) == 1 {
		out.rows = func(items []int) eval.Rows { return inPlace(a, s.Rows(items, 0)) }
	}
	return out, nil
}

// inPlace returns rows of an array without copying them.
func inPlace(a *features.Array, rows []int) eval.Rows {
	if a.DType == features.BFloat16 {
		return eval.Rows{Width: a.Width, BFloat16: func(i int) []uint16 { return a.BFloat16(rows[i]) }}
	}
	return eval.Rows{Width: a.Width, Float32: func(i int) []float32 { return a.Float32(rows[i]) }}
}

// probeRows returns the rows of a part, for a probe: where they lie in a store, or a copy.
func (e *evaluation) probeRows(p data.Part) eval.Rows {
	if e.stored == nil || e.stored.rows == nil {
		return e.of(p).Rows()
	}
	items := e.set.Part(p)
	rows := e.stored.rows(items)
	for _, i := range items {
		rows.Labels = append(rows.Labels, e.set.Items[i].Labels[0])
	}
	return rows
}

// openVectors opens a file of cradio embed.
func (f *evalFlags) openVectors(path string) (*storedFeatures, error) {
	prefix := ""
	if f.adaptor != "" {
		prefix = "adaptor." + f.adaptor + "."
	}
	names := map[string][]string{inputSummary: {prefix + "summary"}, inputMean: {prefix + "features"}, inputBoth: {prefix + "summary", prefix + "features"}}[f.input]
	v, err := output.ReadVectors(path, func(name string) bool { return slices.Contains(names, name) })
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		m, ok := v.Arrays[name]
		if !ok {
			return nil, fmt.Errorf("%s: has no array %s, which --input %s needs; compute it with cradio embed", shown(path), name, f.input)
		}
		if len(m.Shape) > 3 {
			return nil, fmt.Errorf("%s: %s: has shape %v: want (N, C), or (N, T, D) of cradio embed --layout nlc", shown(path), name, m.Shape)
		}
	}
	vector := func(row int) (out []float32) {
		for _, name := range names {
			m := v.Arrays[name]
			n := len(m.Data) / m.Shape[0]
			values := m.Data[n*row:][:n]
			if len(m.Shape) == 3 {
				values = meanOf(values, m.Shape[2])
			}
			out = append(out, values...)
		}
		return out
	}
	d, rows, err := f.label(v)
	if err != nil {
		return nil, err
	}
	for i := range d.Items {
		d.Items[i].SHA256 = contentsOf(vector(rows[i]))
	}
	d.Hashed = true
	first := v.Arrays[names[0]]
	return &storedFeatures{
		set: d, about: evalAbout{model: v.Model, synthetic: v.Synthetic}, summary: len(first.Data) / first.Shape[0],
		vector: func(item int) []float32 { return vector(rows[item]) }, close: func() error { return nil },
	}, nil
}

// label finds the label of each row. Images without a label are left out, and labels without a row.
func (f *evalFlags) label(v *output.Vectors) (d *data.Dataset, rows []int, err error) {
	if f.labels == "" {
		if d, err = data.ByFolder(v.Path, v.Paths); err != nil {
			return nil, nil, fmt.Errorf("%w; give --labels LIST", err)
		}
		for i := range d.Items {
			rows = append(rows, i)
		}
		return d, rows, nil
	}
	if d, err = data.List(f.labels); err != nil {
		return nil, nil, err
	}
	row := map[string]int{}
	for i, p := range v.Paths {
		row[absolute(p)] = i
	}
	kept := d.Items[:0]
	for _, item := range d.Items {
		if i, ok := row[absolute(item.Path)]; ok {
			kept, rows = append(kept, item), append(rows, i)
		}
	}
	all := len(d.Items)
	d.Items = kept
	switch {
	case len(kept) == 0:
		return nil, nil, fmt.Errorf("%s: none of its %s is in %s, whose first is %s; paths in a list are relative to its folder", shown(f.labels), count(all, "image"), shown(v.Path), shown(v.Paths[0]))
	case len(kept) < all:
		warn("%s: %s of %d has no features in %s", shown(f.labels), count(all-len(kept), "image"), all, shown(v.Path))
	}
	if n := len(v.Paths) - len(kept); n > 0 {
		warn("%s: %s of %d has no label in %s", shown(v.Path), count(n, "image"), len(v.Paths), shown(f.labels))
	}
	return d, rows, nil
}

// absolute is a path that can be compared with others.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// contentsOf identifies an image by its features, so that copies are in one part.
func contentsOf(v []float32) [sha256.Size]byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return sha256.Sum256(b)
}

// readStored reads the features of all images.
func (e *evaluation) readStored() error {
	e.rows, e.summary = make([][]float32, len(e.set.Items)), e.stored.summary
	for i, item := range e.set.Items {
		v := e.stored.vector(i)
		if slices.ContainsFunc(v, func(x float32) bool { return x-x != 0 }) {
			fail := newFailure(item.Path, &notFinite{fmt.Sprintf("%s: has no finite features: it failed when they were computed", item.Path)})
			fmt.Fprintf(e.cmd.ErrOrStderr(), "cradio: skipped: %s\n", fail.Error)
			e.failures = append(e.failures, fail)
			continue
		}
		e.rows[i] = v
	}
	return e.cmd.Context().Err()
}
