package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/eval"
	"cradio/radio/features"
	"cradio/radio/output"

	"github.com/spf13/cobra"
)

// storedFeatures are features that were computed before.
type storedFeatures struct {
	set    *data.Dataset
	about  evalAbout
	layout *evalLayout
	views  int // of each image
	vector func(item, view int) []float32
	// rows, if not nil, returns rows where they lie in the file: the first views of each item.
	rows  func(items []int, views int) eval.Rows
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
	for _, name := range []string{"model", "size", "dtype", "batch", "alpha", "orient", "max-pixels"} {
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
		if err := f.columns.none(cmd, path); err != nil {
			return nil, err
		}
		s, err = f.openStore(cmd, path)
	} else {
		s, err = f.openVectors(cmd, path)
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
	out, err := f.inStore(cmd, path, s)
	if err != nil {
		s.Close()
	}
	return out, err
}

// inStore finds what --input asks for in a store.
func (f *evalFlags) inStore(cmd *cobra.Command, path string, s *features.Store) (*storedFeatures, error) {
	if s.About.Blocks == 0 && strings.Contains(f.input, "last:") {
		return nil, usage(cmd, "--input %s: %s does not say how many blocks its model has; name them: class:I+class:J", shown(f.input), shown(path))
	}
	l, err := f.layoutOf(cmd, s.About.Blocks)
	if err != nil {
		return nil, err
	}
	if f.adaptor != "" {
		l.sources[0] = radio.AdaptorSource(f.adaptor)
	}
	var arrays []*features.Array
	for _, source := range l.sources {
		a, err := s.Array(source)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, a)
		l.widths = append(l.widths, a.Width)
	}
	if err := s.Verify(cmd.Context(), nil, l.distinct()...); err != nil {
		return nil, err
	}
	set := *s.Set
	set.Path = path
	out := &storedFeatures{
		set: &set, about: evalAbout{s.About.Model, s.About.Synthetic, s.Recipe.Precision, fmt.Sprintf("%d×%d patches", s.Recipe.Grid[0], s.Recipe.Grid[1])},
		layout: &l, views: s.Views.Count, close: s.Close,
		vector: func(item, view int) (v []float32) {
			for _, a := range arrays {
				v = append(v, a.Gather([]int{s.Row(item, view)})...)
			}
			return v
		},
	}
	if a := arrays[0]; len(arrays) == 1 {
		out.rows = func(items []int, views int) eval.Rows {
			var rows []int
			for _, item := range items {
				for view := range views {
					rows = append(rows, s.Row(item, view))
				}
			}
			return inPlace(a, rows)
		}
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

// views is how many views of each image a probe is trained on: those that were asked for, or all.
func (e *evaluation) views(asked int) (int, error) {
	there := 1
	if e.stored != nil {
		there = e.stored.views
	}
	switch {
	case asked > there:
		return 0, usage(e.cmd, "--views %d: %s has %s of each image; make a store with cradio features --views %d", asked, shown(e.set.Path), count(there, "view"), asked)
	case asked > 0:
		return asked, nil
	}
	return there, nil
}

// probeRows returns the rows of a part, for a probe: where they lie in a store, or a copy. Those of the
// views of an image follow one another.
func (e *evaluation) probeRows(p data.Part, views int) eval.Rows {
	if e.stored == nil || e.stored.rows == nil && views == 1 {
		return e.of(p).Rows()
	}
	items := e.set.Part(p)
	var rows eval.Rows
	if e.stored.rows != nil {
		rows = e.stored.rows(items, views)
	} else {
		var copied eval.Set
		for _, i := range items {
			for view := range views {
				copied.Features = append(copied.Features, e.stored.vector(i, view)...)
			}
		}
		copied.Width = len(copied.Features) / (len(items) * views)
		rows = copied.Rows()
	}
	for _, i := range items {
		for range views {
			rows.Labels = append(rows.Labels, e.set.Items[i].Labels[0])
		}
	}
	return rows
}

// openVectors opens a file of cradio embed.
func (f *evalFlags) openVectors(cmd *cobra.Command, path string) (*storedFeatures, error) {
	prefix := ""
	if f.adaptor != "" {
		prefix = "adaptor." + f.adaptor + "."
	}
	if _, class, found := strings.Cut(f.input, "class:"); found {
		return nil, fmt.Errorf("%s: has no class:%s: a file of cradio embed has the summary and the features; a store of cradio features --source class:last:N has class tokens", shown(path), shown(class))
	}
	l, err := f.layoutOf(cmd, 0)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range l.sources {
		names = append(names, prefix+map[radio.Source]string{radio.SummarySource: "summary", radio.MeanSource: "features"}[s])
	}
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
	vector := func(row int) []float32 {
		return l.row(func(s radio.Source) []float32 {
			m := v.Arrays[names[slices.Index(l.sources, s)]]
			n := len(m.Data) / m.Shape[0]
			values := m.Data[n*row:][:n]
			if len(m.Shape) == 3 {
				values = meanOf(values, m.Shape[2])
			}
			return values
		})
	}
	d, rows, err := f.label(cmd, v)
	if err != nil {
		return nil, err
	}
	for i := range d.Items {
		d.Items[i].SHA256 = contentsOf(vector(rows[i]))
	}
	d.Hashed = true
	return &storedFeatures{
		set: d, about: evalAbout{model: v.Model, synthetic: v.Synthetic}, layout: &l, views: 1,
		vector: func(item, _ int) []float32 { return vector(rows[item]) }, close: func() error { return nil },
	}, nil
}

// label finds the label of each row. Images without a label are left out, and labels without a row.
func (f *evalFlags) label(cmd *cobra.Command, v *output.Vectors) (d *data.Dataset, rows []int, err error) {
	if f.labels == "" {
		if err := f.columns.none(cmd, v.Path); err != nil {
			return nil, nil, err
		}
		if d, err = data.ByFolder(v.Path, v.Paths); err != nil {
			return nil, nil, fmt.Errorf("%w; give --labels LIST", err)
		}
		for i := range d.Items {
			rows = append(rows, i)
		}
		return d, rows, nil
	}
	if d, err = f.columns.list(cmd, f.labels); err != nil {
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
	e.rows = make([][]float32, len(e.set.Items))
	for i, item := range e.set.Items {
		v := e.stored.vector(i, 0)
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
