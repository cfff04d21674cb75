package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cradio/radio"
	"cradio/radio/features"
	"cradio/radio/image"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// indexExtension is what the name of an index ends in.
const indexExtension = ".index"

// vectorFlags are the options that vectors of an index depend on. The index remembers them, so that a
// search encodes its query as the pictures were.
type vectorFlags struct {
	model    modelFlags
	text     textFlags
	size     sizeFlag
	adaptors []string
	orient   bool
	fast     bool
	alpha    alphaFlag
	pixels   int64
}

// remembered are the names of these flags.
var remembered = []string{
	"model", "dtype", "align-corners", "vitdet-window", "text", "tokens", "tokenizer", "size", "exact", "adaptor", "orient", "fast-decode", "alpha", "max-pixels",
}

func (f *vectorFlags) add(cmd *cobra.Command) {
	f.model.add(cmd)
	f.text.add(cmd)
	f.size.add(cmd, "image size, as for cradio embed (default card)")
	f.size.addExact(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&f.adaptors, "adaptor", nil, "also index the summary of the adaptor `NAME`, to search by words; may be repeated")
	flags.BoolVar(&f.fast, "fast-decode", false, fastHelp)
	flags.BoolVar(&f.orient, "orient", false, orientHelp)
	f.alpha.add(cmd)
	flags.Int64Var(&f.pixels, "max-pixels", image.DefaultMaxPixels, "reject images with more pixels")
}

// hide hides the flags that an index remembers, but for those of places, which may have moved.
func (f *vectorFlags) hide(cmd *cobra.Command) {
	for _, name := range remembered {
		switch name {
		case "model", "text", "tokenizer":
		default:
			if err := cmd.Flags().MarkHidden(name); err != nil {
				panic(err)
			}
		}
	}
}

// settings are the values of the flags that are not the defaults, for the index to remember. Places are
// absolute.
func (f *vectorFlags) settings(cmd *cobra.Command) (map[string]string, error) {
	list := map[string]string{}
	for _, name := range remembered {
		flag := cmd.Flags().Lookup(name)
		value := flag.Value.String()
		if s, ok := flag.Value.(pflag.SliceValue); ok {
			value = strings.Join(s.GetSlice(), ",")
		}
		if !flag.Changed && name != "model" {
			continue
		}
		switch name {
		case "model", "text", "tokenizer":
			if _, err := os.Stat(value); err == nil {
				if value, err = filepath.Abs(value); err != nil {
					return nil, err
				}
			}
		}
		list[name] = value
	}
	return list, nil
}

// recall sets the flags that were not given to what an index remembers.
func (f *vectorFlags) recall(cmd *cobra.Command, dir string, settings map[string]string) error {
	for _, name := range remembered {
		value, ok := settings[name]
		if !ok || cmd.Flags().Changed(name) {
			continue
		}
		if err := cmd.Flags().Set(name, value); err != nil {
			return fmt.Errorf("%s: remembers --%s %s: %w; index again with --replace", shown(dir), name, shown(value), err)
		}
	}
	return nil
}

// check returns an error for values that cannot be.
func (f *vectorFlags) check(cmd *cobra.Command) error {
	switch {
	case f.pixels < 1:
		return usage(cmd, "--max-pixels %d: must be at least 1", f.pixels)
	case f.fast && f.size.exact:
		return usage(cmd, "--fast-decode and --exact contradict each other: exact pixels need full-size decoding; give one of them")
	}
	return f.alpha.check(cmd)
}

// sources are what the index holds of each picture.
func (f *vectorFlags) sources(cmd *cobra.Command, m *radio.Model) ([]radio.Source, error) {
	list, c := []radio.Source{radio.SummarySource}, m.Config()
	for _, name := range f.adaptors {
		s := radio.AdaptorSource(name)
		if _, err := s.Width(&c); err != nil {
			return nil, usage(cmd, "--adaptor: %v", err)
		}
		list = append(list, s)
	}
	return list, nil
}

// job prepares the computation of vectors into an index.
func (f *vectorFlags) job(cmd *cobra.Command, dir string, m *radio.Model, batch int) (features.Job, error) {
	if err := f.size.check(m.Config()); err != nil {
		return features.Job{}, err
	}
	sources, err := f.sources(cmd, m)
	if err != nil {
		return features.Job{}, err
	}
	e := radio.NewEncoder(m)
	e.BatchSize, e.FastDecode = batch, f.fast
	e.Decode = image.DecodeOptions{MaxPixels: f.pixels, Orient: f.orient}
	processor := *m.Processor()
	e.Processor = &processor
	f.size.apply(e)
	f.alpha.apply(e.Processor)
	return features.Job{
		Dir: dir, Encoder: e, Sources: sources, About: features.About{Model: f.model.name, Synthetic: m.Synthetic(), Blocks: m.Config().Depth},
		Decode: func(path string, contents []byte) (*image.RGB, error) { return decode(e, path, contents) },
	}, nil
}

// indexOf is the index of a folder of pictures, or the index that is given.
func indexOf(path string) (string, error) {
	if features.IsStore(path) {
		return path, nil
	}
	clean := filepath.Clean(path)
	if base := filepath.Base(clean); base == "." || base == ".." || base == string(filepath.Separator) {
		whole, err := filepath.Abs(clean)
		if err != nil {
			return "", err
		}
		if clean = whole; filepath.Base(clean) == string(filepath.Separator) {
			return "", fmt.Errorf("%s has no name to make that of an index of; give --out", shown(path))
		}
	}
	return clean + indexExtension, nil
}
