package main

import (
	"errors"
	"fmt"
	"strings"

	"cradio/radio/data"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// columnsFlag names the columns of a list.
type columnsFlag struct {
	text  string
	named data.Columns
}

func (f *columnsFlag) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.text, "columns", "", "`COLUMNS` of a list by their names or numbers, as in path=image_id,label=dx; also labels, split, and the separator of labels (comma, space or any other)")
}

// parse reads the flag.
func (f *columnsFlag) parse(cmd *cobra.Command) error {
	f.named = data.Columns{}
	if f.text == "" {
		return nil
	}
	for entry := range strings.SplitSeq(f.text, ",") {
		field, name, _ := strings.Cut(entry, "=")
		to := map[string]*string{"path": &f.named.Path, "label": &f.named.Label, "labels": &f.named.Labels, "split": &f.named.Split, "separator": &f.named.Separator}[strings.TrimSpace(field)]
		switch {
		case to == nil || name == "":
			return usage(cmd, "--columns %s: want path, label, labels or split, and the name or number of a column, such as label=dx; or separator", shown(entry))
		case *to != "":
			return usage(cmd, "--columns: %s is there twice", field)
		}
		*to = name
	}
	if word, ok := map[string]string{"comma": ",", "space": " "}[f.named.Separator]; ok {
		f.named.Separator = word
	}
	if f.named.Label != "" && f.named.Labels != "" {
		return usage(cmd, "--columns: give label, or labels, whose values are separated by semicolons")
	}
	return nil
}

// open lists DATA.
func (f *columnsFlag) open(cmd *cobra.Command, path string) (*data.Dataset, error) {
	if err := f.parse(cmd); err != nil {
		return nil, err
	}
	d, err := f.named.Open(path)
	return d, f.explain(err)
}

// list lists the labels of features.
func (f *columnsFlag) list(cmd *cobra.Command, path string) (*data.Dataset, error) {
	if err := f.parse(cmd); err != nil {
		return nil, err
	}
	d, err := f.named.List(path)
	return d, f.explain(err)
}

func (f *columnsFlag) explain(err error) error {
	if errors.Is(err, data.ErrColumns) {
		return fmt.Errorf("%w by --columns, such as path=1,label=2", err)
	}
	return err
}

// none is an error if the flag was given for what is no list.
func (f *columnsFlag) none(cmd *cobra.Command, path string) error {
	if f.text == "" {
		return nil
	}
	return usage(cmd, "--columns: is for a list with labels, which %s is not", shown(path))
}
