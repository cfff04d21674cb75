package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cradio/radio/data"
	"cradio/radio/features"

	"github.com/spf13/cobra"
)

// open lists the images of DATA, and reads their files.
func (f *featuresFlags) open(cmd *cobra.Command, args []string) (*data.Dataset, error) {
	d, err := f.list(cmd, args)
	if err != nil {
		return nil, err
	}
	for i := range d.Items {
		item := &d.Items[i] // absolute, so that the store can be used from other folders
		if item.Path, err = filepath.Abs(item.Path); err != nil {
			return nil, err
		}
		if item.Target == "" {
			continue
		}
		if item.Target, err = filepath.Abs(item.Target); err != nil {
			return nil, err
		}
	}
	if !f.rehash {
		d.Known = features.Known(f.out)
	}
	bar := newProgressOf(cmd.ErrOrStderr(), len(d.Items), true, "files", "reading files")
	defer bar.stop()
	return d, d.Read(cmd.Context(), func(int, int) { bar.step() })
}

// list lists the images of DATA.
func (f *featuresFlags) list(cmd *cobra.Command, args []string) (*data.Dataset, error) {
	targets := f.masks + f.depth // one of them is empty
	if targets != "" {
		if err := f.columns.none(cmd, args[0]); err != nil {
			return nil, err
		}
		pairs, alone, err := data.Pairs(args[0], targets)
		if err != nil {
			return nil, err
		}
		if len(alone) > 0 {
			warn("%s left out: no image and PNG of the same name; the first: %s", count(len(alone), "file"), shown(alone[0]))
		}
		return data.OfPairs(args[0], pairs), nil
	}
	if len(args) == 1 && !f.noLabels {
		labelled, err := hasLabels(args[0])
		if err != nil {
			return nil, err
		}
		if labelled {
			return f.columns.open(cmd, args[0])
		}
	}
	if err := f.columns.none(cmd, strings.Join(args, " ")); err != nil {
		return nil, err
	}
	in, err := gather(cmd, args)
	if err != nil {
		return nil, err
	}
	for _, name := range in.names {
		if name == stdinName {
			return nil, usage(cmd, "- is standard input: a store needs files, whose features it finds again")
		}
	}
	for _, fail := range in.failures {
		fmt.Fprintf(cmd.ErrOrStderr(), "cradio: skipped: %s\n", fail.Error)
	}
	return data.Pictures(strings.Join(args, " "), in.names), nil
}

// hasLabels reports whether DATA is a list, or a folder with folders or a list.
func hasLabels(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, nil // a pattern, or the error of an image
	}
	if !info.IsDir() {
		return data.IsList(path), nil
	}
	if data.Metadata(path) != "" {
		return true, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(path, e.Name())); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			return true, nil
		}
	}
	return false, nil
}
