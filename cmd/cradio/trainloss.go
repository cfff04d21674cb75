package main

import (
	"slices"
	"strconv"
	"strings"

	"cradio/radio/train"

	"github.com/spf13/cobra"
)

// lossFlags are the options of train that describe the loss.
type lossFlags struct {
	kinds     []train.LossKind // of the command, the standard one first
	terms     []string
	gamma     float64
	alpha     float64
	beta      float64
	weights   []string
	smoothing float64
}

// balanced is the value of --class-weights that chooses them by counts.
const balanced = "balanced"

// add adds the flags of a command whose loss has terms of these kinds.
func (f *lossFlags) add(cmd *cobra.Command, kinds ...train.LossKind) {
	f.kinds = kinds
	flags := cmd.Flags()
	var names []string
	for _, k := range kinds {
		names = append(names, string(k))
	}
	flags.StringSliceVar(&f.terms, "loss", names[:1], "loss, or the sum of several, each perhaps with a weight, as in "+names[0]+","+names[len(names)-1]+":0.5: "+strings.Join(names, ", "))
	complete(cmd, "loss", names...)
	if !slices.Contains(kinds, train.CrossEntropy) {
		flags.Float64Var(&f.beta, "beta", 1, "where smooth-l1 goes over from squares to lines, metres")
		return
	}
	flags.Float64Var(&f.gamma, "gamma", 2, "exponent of focal")
	weights := "weights of the classes in cross-entropy: " + balanced + " (by their counts), NAME=WEIGHT of some, or a list for all"
	if !slices.Contains(kinds, train.Dice) {
		flags.Float64Var(&f.alpha, "alpha", 0, "of focal with labels: weight of the classes that an image has, those that it lacks have 1 - alpha (default none)")
		weights += "; with labels those of images that have the class"
	}
	flags.StringSliceVar(&f.weights, "class-weights", nil, weights)
	flags.Float64Var(&f.smoothing, "smoothing", 0, "label smoothing of cross-entropy")
}

// loss is what the flags ask for, of classes.
func (f *lossFlags) loss(cmd *cobra.Command, classes []string) (l train.Loss, err error) {
	for _, text := range f.terms {
		kind, weight, given := strings.Cut(text, ":")
		t := train.Term{Kind: train.LossKind(kind), Weight: 1}
		if !slices.Contains(f.kinds, t.Kind) {
			return l, usage(cmd, "--loss %s: want some of %v", shown(text), f.kinds)
		}
		if given {
			if t.Weight, err = strconv.ParseFloat(weight, 64); err != nil || !(t.Weight > 0) {
				return l, usage(cmd, "--loss %s: the weight must be a number above 0", shown(text))
			}
		}
		l.Terms = append(l.Terms, t)
	}
	if slices.Equal(l.Terms, []train.Term{{Kind: f.kinds[0], Weight: 1}}) {
		l.Terms = nil // however it was asked for, it is one run
	}
	for name, to := range map[string]struct{ value, given *float64 }{
		"gamma": {&l.Gamma, &f.gamma}, "alpha": {&l.Alpha, &f.alpha}, "beta": {&l.Beta, &f.beta},
	} {
		if flag := cmd.Flags().Lookup(name); flag == nil || !flag.Changed {
			continue
		}
		if !(*to.given > 0) {
			return l, usage(cmd, "--%s %g: must be above 0", name, *to.given)
		}
		*to.value = *to.given
	}
	if slices.Equal(f.weights, []string{balanced}) {
		l.Balanced = true
	} else if len(f.weights) > 0 {
		l.Weights, err = classWeights(cmd, f.weights, classes)
	}
	return l, err
}

// classWeights are the weights of classes: NAME=WEIGHT of some, 1 of the others; or a list for all.
func classWeights(cmd *cobra.Command, given, names []string) ([]float64, error) {
	weights := make([]float64, len(names))
	for i := range weights {
		weights[i] = 1
	}
	named := 0
	for i, text := range given {
		at, number := i, text
		if cut := strings.LastIndex(text, "="); cut >= 0 {
			named++
			number = text[cut+1:]
			if at = slices.Index(names, text[:cut]); at < 0 {
				return nil, usage(cmd, "--class-weights %s: there is no class of this name", shown(text))
			}
		}
		w, err := strconv.ParseFloat(number, 64)
		if err != nil || w < 0 {
			return nil, usage(cmd, "--class-weights %s: must be a number of at least 0, NAME=WEIGHT, or %s", shown(text), balanced)
		}
		if at < len(weights) {
			weights[at] = w
		}
	}
	if named == 0 && len(given) != len(names) || named > 0 && named < len(given) {
		return nil, usage(cmd, "--class-weights has %s for %s: want one for each, NAME=WEIGHT of some, or %s", count(len(given), "weight"), classes(len(names)), balanced)
	}
	return weights, nil
}
