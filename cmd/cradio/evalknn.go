package main

import (
	"fmt"
	"math"
	"slices"

	"cradio/radio/data"
	"cradio/radio/eval"

	"github.com/spf13/cobra"
)

// evalKNNFlags are the options of `cradio eval knn`.
type evalKNNFlags struct {
	evalFlags
	k           []int
	temperature float64
	shots       []int
	draws       int
}

func newEvalKNNCmd() *cobra.Command {
	f := &evalKNNFlags{}
	cmd := &cobra.Command{
		Use:   "knn DATA",
		Short: "Classify images by their nearest neighbours",
		Long: `knn answers each image of the test part with a vote of the k images of the train part
whose features are most similar. Nothing is trained, and no choice is made on the test
part. This is the measure that NVlabs reports for RADIO: cosine similarity, k 20, and
votes of exp(similarity / 0.07). The search is exact.

` + evalHelp + `

--k takes several values. The first is the one whose figures are printed in full.

--shots N repeats the evaluation with only N images of each class to learn from, chosen at
random, --draws times. The mean of top-1 and its standard deviation are printed. Where
fewer than k images are left, all of them vote.`,
		Example: `  cradio eval generate shapes && cradio eval knn shapes --model synthetic:nano --size 64
  cradio eval knn flowers/ --model nvidia/C-RADIOv2-B --k 20,10,1 --shots 1,5
  cradio eval knn --train train.csv --test test.csv --confusion confusion.png`,
		Args: oneSet,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, "0")
	flags := cmd.Flags()
	flags.IntSliceVarP(&f.k, "k", "k", []int{20}, "numbers of neighbours that vote")
	flags.Float64Var(&f.temperature, "temperature", eval.Temperature, "temperature of the votes")
	flags.IntSliceVar(&f.shots, "shots", nil, "few-shot: images of each class to learn from")
	flags.IntVar(&f.draws, "draws", 5, "random choices for each of --shots")
	return cmd
}

type kJSON struct {
	K    int    `json:"k"`
	Top1 number `json:"top1"`
	Top5 number `json:"top5"`
}

type fewShotJSON struct {
	Shots int      `json:"shots"`
	K     int      `json:"k"`
	Top1  number   `json:"top1"` // the mean of draws
	Std   number   `json:"std"`
	Draws []number `json:"draws"`
}

func (f *evalKNNFlags) run(cmd *cobra.Command, args []string) error {
	for _, k := range f.k {
		if err := eval.CheckVotes(k, 1, f.temperature); err != nil {
			return usage(cmd, "%v", err)
		}
	}
	switch {
	case len(f.k) == 0:
		return usage(cmd, "--k: is empty; must be one or more numbers")
	case slices.ContainsFunc(f.shots, func(n int) bool { return n < 1 }):
		return usage(cmd, "--shots %v: must be at least 1", f.shots)
	case f.draws < 1:
		return usage(cmd, "--draws %d: must be at least 1", f.draws)
	}
	if err := f.one(cmd); err != nil {
		return err
	}
	e, err := f.start(cmd, args)
	if err != nil {
		return err
	}
	defer e.close()
	if n := len(e.set.Part(data.Train)); slices.Max(f.k) > n {
		return usage(cmd, "--k %d: train has only %s; give a --k of at most %d", slices.Max(f.k), count(n, "image"), n)
	}
	if f.plan {
		return e.printPlan()
	}
	if err := e.encode(); err != nil {
		return err
	}
	return f.answer(e)
}

// answer lets the neighbours vote.
func (f *evalKNNFlags) answer(e *evaluation) error {
	ctx, n := e.cmd.Context(), len(e.set.Classes)
	train, query := e.of(data.Train), e.of(e.part)
	near, err := eval.Nearest(ctx, train.Features, query.Features, train.Width, slices.Max(f.k), eval.Options{})
	if err != nil {
		return err
	}
	ranks := near.Ranks(train.Labels, query.Labels, n, f.k[0], f.temperature)
	r, c, err := e.report(query, near.Predict(train.Labels, n, f.k[0], f.temperature), ranks)
	if err != nil {
		return err
	}
	var lines []string
	for _, k := range f.k {
		ranks := near.Ranks(train.Labels, query.Labels, n, k, f.temperature)
		r.K = append(r.K, kJSON{k, number(eval.TopK(ranks, 1)), number(eval.TopK(ranks, 5))})
		if len(f.k) > 1 {
			lines = append(lines, fmt.Sprintf("  k %-3d top-1 %s", k, percent(r.K[len(r.K)-1].Top1)))
		}
	}
	for _, shots := range f.shots {
		few, err := f.few(e, train, query, shots)
		if err != nil {
			return err
		}
		r.FewShot = append(r.FewShot, few)
		lines = append(lines, fmt.Sprintf("  %s of each class: top-1 %s ± %.1f", count(shots, "image"), percent(few.Top1), 100*float64(few.Std)))
	}
	return e.finish(r, c, lines)
}

// few answers with a few images of each class.
func (f *evalKNNFlags) few(e *evaluation, train, query eval.Set, shots int) (fewShotJSON, error) {
	out := fewShotJSON{Shots: shots}
	var figures []float64
	for draw := range f.draws {
		some := train.Select(eval.FewShot(train.Labels, shots, f.seed+uint64(draw)))
		out.K = min(f.k[0], some.Len())
		near, err := eval.Nearest(e.cmd.Context(), some.Features, query.Features, some.Width, out.K, eval.Options{})
		if err != nil {
			return out, err
		}
		figures = append(figures, eval.TopK(near.Ranks(some.Labels, query.Labels, len(e.set.Classes), out.K, f.temperature), 1))
		out.Draws = append(out.Draws, number(figures[draw]))
	}
	mean := eval.Mean(figures)
	square := 0.0
	for _, v := range figures {
		square += (v - mean) * (v - mean)
	}
	out.Top1, out.Std = number(mean), number(math.Sqrt(square/float64(len(figures))))
	return out, nil
}
