package main

import (
	"fmt"
	"strconv"
	"strings"

	"cradio/radio/data"
	"cradio/radio/eval"

	"github.com/spf13/cobra"
)

// evalLogisticFlags are the options of `cradio eval logistic`.
type evalLogisticFlags struct {
	evalFlags
	c   []string
	raw bool
}

func newEvalLogisticCmd() *cobra.Command {
	f := &evalLogisticFlags{}
	cmd := &cobra.Command{
		Use:   "logistic DATA",
		Short: "Classify images by a logistic regression on their features",
		Long: `logistic fits a logistic regression to the features of the train part, for each C (the
inverse of the penalty), and keeps the C that answers the val part best. It then fits
train and val together with that C, and reports the figures on the test part, which had no
say in the choice. The fit equals scikit-learn's LogisticRegression, fitted to the end.

If there is no val part, a tenth of train takes its place. If there is no test part, the
figures are those of val, which flatters: this is said.

Features are standardised: each has mean 0 and standard deviation 1 in the train part. --raw
leaves them as they are.

` + evalHelp,
		Example: `  cradio eval generate shapes && cradio eval logistic shapes --model synthetic:nano --size 64
  cradio eval logistic flowers/ --model nvidia/C-RADIOv2-B --input both
  cradio eval logistic --train train/ --val val/ --c 0.01,0.1,1 --json`,
		Args: oneSet,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, "0.1")
	cmd.Flags().StringSliceVar(&f.c, "c", nil, "values of C to try (default 1e-6, 1e-5 … 1e5)")
	cmd.Flags().BoolVar(&f.raw, "raw", false, "do not standardise the features")
	return cmd
}

type logisticJSON struct {
	C          number            `json:"c"`
	Iterations int               `json:"iterations"`
	Converged  bool              `json:"converged"`
	Sweep      []eval.SweepPoint `json:"sweep"`
}

// values parses --c.
func (f *evalLogisticFlags) values(cmd *cobra.Command) (cs []float64, err error) {
	for _, text := range f.c {
		c, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(c > 0) || c-c != 0 {
			return nil, usage(cmd, "--c %s: must be positive numbers", shown(text))
		}
		cs = append(cs, c)
	}
	return cs, nil
}

func (f *evalLogisticFlags) run(cmd *cobra.Command, args []string) error {
	cs, err := f.values(cmd)
	if err != nil {
		return err
	}
	if err := f.one(cmd); err != nil {
		return err
	}
	e, err := f.start(cmd, args)
	if err != nil {
		return err
	}
	defer e.close()
	if f.plan {
		return e.printPlan()
	}
	if e.part == data.Test && len(e.set.Part(data.Val)) == 0 {
		return fmt.Errorf("%s: the part val has no images; give a larger --val", shown(e.set.Path))
	}
	if err := e.encode(); err != nil {
		return err
	}
	return f.answer(e, cs)
}

// answer chooses C, fits again, and answers the part in question.
func (f *evalLogisticFlags) answer(e *evaluation, cs []float64) error {
	ctx, n := e.cmd.Context(), len(e.set.Classes)
	train, val, query := e.of(data.Train), e.of(data.Val), e.of(e.part)
	if !f.raw {
		scale, err := eval.FitScale(train)
		if err != nil {
			return err
		}
		for _, s := range []*eval.Set{&train, &val, &query} {
			if *s, err = scale.Apply(*s); err != nil {
				return err
			}
		}
	}
	c, points, err := eval.Sweep(ctx, train, val, n, cs, eval.LogisticOptions{})
	if err != nil {
		return err
	}
	all := train
	if e.part == data.Test {
		all = train.Join(val)
	} else {
		warn("there is no test part: C was chosen on the images that the figures are of, which flatters")
	}
	l, err := eval.FitLogistic(ctx, all, n, eval.LogisticOptions{C: c})
	if err != nil {
		return err
	}
	if !l.Converged {
		warn("the fit has not converged after %d iterations; standardise the features, or give a smaller --c", l.Iterations)
	}
	scores, err := l.Scores(ctx, query.Features, eval.Options{})
	if err != nil {
		return err
	}
	ranks, err := eval.Ranks(scores, n, query.Labels)
	if err != nil {
		return err
	}
	answers, err := l.Predict(ctx, query.Features, eval.Options{})
	if err != nil {
		return err
	}
	r, confusion, err := e.report(query, answers, ranks)
	if err != nil {
		return err
	}
	r.Logistic = &logisticJSON{number(c), l.Iterations, l.Converged, points}
	return e.finish(r, confusion, []string{fmt.Sprintf("C            %g, best of %d on val", c, len(points))})
}
