package main

import (
	"fmt"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/head"

	"github.com/spf13/cobra"
)

// headFlags are the options of train that describe the head.
type headFlags struct {
	kind         string
	kinds        []head.Kind // that the command trains
	input        []string
	hidden       []int
	norm         string
	dropout      float64
	dropoutFirst bool
}

// The values of --norm.
const (
	normBatch = "batch"
	normFixed = "fixed"
	normNone  = "none"
)

func (f *headFlags) add(cmd *cobra.Command, d standard) {
	var kinds []string
	for _, k := range d.kinds {
		kinds = append(kinds, string(k))
	}
	f.kinds = d.kinds
	flags := cmd.Flags()
	flags.StringVar(&f.kind, "head", string(d.kind), "kind of head: "+strings.Join(kinds, ", "))
	flags.StringSliceVar(&f.input, "input", []string{d.input}, "what the head reads: summary, mean, features, adaptor:NAME, class:BLOCK, class:last:N, block:BLOCK, block:last:N, block:quarters")
	if len(d.hidden) > 0 {
		flags.IntSliceVar(&f.hidden, "hidden", nil, d.hidden)
	}
	flags.StringVar(&f.norm, "norm", normBatch, "norm of what the head reads: batch (BatchNorm), fixed (mean and deviation of the training part) or none")
	flags.Float64Var(&f.dropout, "dropout", 0, "part of the features that training drops")
	if slices.Contains(d.kinds, head.Segment) {
		flags.BoolVar(&f.dropoutFirst, "dropout-first", false, "drop before the norm, as DINOv3 does (segment)")
	}
	complete(cmd, "head", kinds...)
	complete(cmd, "norm", normBatch, normFixed, normNone)
}

// check returns an error for flags that cannot be combined.
func (f *headFlags) check(cmd *cobra.Command) error {
	kind := head.Kind(f.kind)
	switch {
	case !slices.Contains(f.kinds, kind):
		return usage(cmd, "--head %s: kind is %q, want one of %v", shown(f.kind), f.kind, f.kinds)
	case len(f.hidden) > 0 && !slices.Contains([]head.Kind{head.MLP, head.Fused, head.Attentive, head.Upsampling}, kind):
		return usage(cmd, "--hidden %v: --head %s has no hidden layer", f.hidden, kind)
	case len(f.hidden) > 1 && kind != head.Upsampling:
		return usage(cmd, "--hidden %v: --head %s has one hidden layer", f.hidden, kind)
	case slices.ContainsFunc(f.hidden, func(n int) bool { return n < 1 }):
		return usage(cmd, "--hidden %v: must be at least 1", f.hidden)
	case f.norm != normBatch && f.norm != normFixed && f.norm != normNone:
		return usage(cmd, "--norm %s: must be batch, fixed or none", shown(f.norm))
	case f.norm == normNone && (kind == head.Segment || kind == head.Fused || kind == head.Upsampling):
		return usage(cmd, "--norm none: --head %s has a norm of its own", kind)
	case f.norm != normBatch && kind == head.Attentive, f.norm == normFixed && (kind == head.Fused || kind == head.Upsampling):
		return usage(cmd, "--norm %s: those of --head %s are inside it, and learn", f.norm, kind)
	}
	return nil
}

// spec describes the head for a model, but for its outputs.
func (f *headFlags) spec(cmd *cobra.Command, c radio.Config) (s head.Spec, err error) {
	s = head.Spec{Kind: head.Kind(f.kind), Dropout: f.dropout, DropoutFirst: f.dropoutFirst, Hidden: f.hidden}
	for _, name := range f.input {
		list, err := expandSource(name, c.Depth)
		if err != nil {
			return s, usage(cmd, "--input: %v", err)
		}
		s.Input = append(s.Input, list...)
	}
	widths, err := head.Widths(&c, s.Input)
	if err != nil {
		return s, fmt.Errorf("--input: %w", err)
	}
	switch s.Kind {
	case head.MLP, head.Fused:
		if len(s.Hidden) == 0 {
			s.Hidden = widths[:1]
		}
	case head.Upsampling:
		if len(s.Hidden) == 0 {
			s.Hidden = []int{max(widths[0]/2, 1), max(widths[0]/4, 1)}
		}
	case head.Attentive:
		s.Heads = c.Heads
	}
	switch {
	case f.norm == normFixed:
		s.Norm = &head.Norm{Fixed: true}
	case f.norm == normNone, s.Kind == head.Attentive:
	case s.Kind == head.Linear || s.Kind == head.MLP:
		s.Norm = &head.Norm{}
	case s.Kind == head.Segment || s.Kind == head.Depth:
		s.Norm = &head.Norm{Affine: true}
	}
	return s, nil
}
