package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"cradio/radio"
	"cradio/radio/eval"

	"github.com/spf13/cobra"
)

// evalInput is what is classified: one or several sources of the model, one after another.
type evalInput struct {
	name    string
	sources []radio.Source
}

// evalLayout says what a row of features holds.
type evalLayout struct {
	inputs  []evalInput
	sources []radio.Source // of a row, one after another
	widths  []int          // of each of sources; those of a first row
	at      [][2]int       // of each input: from which to which of sources
}

// inputNames are those that any model has.
var inputNames = map[string][]string{inputSummary: {inputSummary}, inputMean: {inputMean}, inputBoth: {inputSummary, inputMean}}

// checkInput returns an error for an --input that no model has.
func (f *evalFlags) checkInput(cmd *cobra.Command) error {
	for name := range strings.SplitSeq(f.input, ",") {
		for source := range strings.SplitSeq(name, "+") {
			if !isInput(source) {
				return usage(cmd, "--input %s: must be summary, mean or both, class:BLOCK or class:last:N, or some of them with + between", shown(source))
			}
			if inputNames[source] == nil && f.adaptor != "" {
				return usage(cmd, "--input %s: an adaptor has none of these: must be summary, mean or both", shown(source))
			}
		}
	}
	return nil
}

func isInput(source string) bool {
	if inputNames[source] != nil {
		return true
	}
	block, ok := strings.CutPrefix(source, "class:")
	if last, isLast := strings.CutPrefix(block, "last:"); isLast {
		block = last
	}
	_, err := strconv.ParseUint(block, 10, 16)
	return ok && err == nil
}

// layoutOf is what --input asks for, of a model of so many blocks. An input that is not in one piece
// there has a copy of its own.
func (f *evalFlags) layoutOf(cmd *cobra.Command, blocks int) (l evalLayout, err error) {
	for name := range strings.SplitSeq(f.input, ",") {
		in := evalInput{name: name}
		for part := range strings.SplitSeq(name, "+") {
			names, short := inputNames[part]
			if !short {
				names = []string{part}
			}
			for _, known := range names {
				list, err := expandSource(known, blocks)
				if err != nil {
					return l, usage(cmd, "--input: %v", err)
				}
				in.sources = append(in.sources, list...)
			}
		}
		slices.SortFunc(in.sources, byPlace)
		in.sources = slices.Compact(in.sources)
		l.inputs = append(l.inputs, in)
		l.sources = append(l.sources, in.sources...)
	}
	slices.SortFunc(l.sources, byPlace)
	l.sources = slices.Compact(l.sources)
	for _, in := range l.inputs {
		n := len(in.sources)
		from := 0
		for from+n <= len(l.sources) && !slices.Equal(l.sources[from:from+n], in.sources) {
			from++
		}
		if from+n > len(l.sources) {
			from = len(l.sources)
			l.sources = append(l.sources, in.sources...)
		}
		l.at = append(l.at, [2]int{from, from + n})
	}
	return l, nil
}

// byPlace compares sources: class tokens by their blocks, the summary, the mean.
func byPlace(a, b radio.Source) int {
	place := func(s radio.Source) int {
		if block, ok := s.Block(); ok {
			return block - 1<<20
		}
		return slices.Index([]radio.Source{radio.SummarySource, radio.MeanSource}, s)
	}
	return cmp.Compare(place(a), place(b))
}

// distinct are the sources, each once.
func (l *evalLayout) distinct() []radio.Source {
	list := slices.Clone(l.sources)
	slices.Sort(list)
	return slices.Compact(list)
}

// row joins the values of the sources.
func (l *evalLayout) row(of func(s radio.Source) []float32) []float32 {
	var v []float32
	l.widths = l.widths[:0]
	for _, s := range l.sources {
		values := of(s)
		l.widths = append(l.widths, len(values))
		v = append(v, values...)
	}
	return v
}

// columns are the inputs as columns of a row.
func (l *evalLayout) columns() (inputs []eval.ProbeInput) {
	sum := func(widths []int) (n int) {
		for _, w := range widths {
			n += w
		}
		return n
	}
	for i, in := range l.inputs {
		from := sum(l.widths[:l.at[i][0]])
		inputs = append(inputs, eval.ProbeInput{Name: in.name, From: from, To: from + sum(l.widths[l.at[i][0]:l.at[i][1]])})
	}
	return inputs
}

// one is the check that --input has one value.
func (f *evalFlags) one(cmd *cobra.Command) error {
	if strings.Contains(f.input, ",") {
		return usage(cmd, "--input %s: has several values: only probe tries several; + puts them one after another", shown(f.input))
	}
	return nil
}
