package main

import (
	"fmt"
	"strings"

	"cradio/radio/eval"

	"github.com/spf13/cobra"
)

// masksReport is the output of --json for masks.
type masksReport struct {
	Images        int             `json:"images"`
	MeanIoU       number          `json:"mean_iou"`
	Interval      [2]number       `json:"mean_iou_interval"`
	PixelAccuracy number          `json:"pixel_accuracy"`
	MeanAccuracy  number          `json:"mean_accuracy"`
	MeanDice      number          `json:"mean_dice"`
	Classes       []maskClassJSON `json:"classes"`
	Skipped       []failure       `json:"skipped"`
}

type maskClassJSON struct {
	Name     string `json:"name"`
	Pixels   int64  `json:"pixels"` // labelled
	IoU      number `json:"iou"`
	Accuracy number `json:"accuracy"`
	Dice     number `json:"dice"`
}

// masksOf are the figures over the masks of pictures. The interval is that of other pictures.
func masksOf(each []*eval.Areas, names []string, seed uint64) (*masksReport, error) {
	sum := func(rows []int) *eval.Areas {
		all := eval.NewAreas(len(names))
		for _, i := range rows {
			for c := range names {
				all.Intersection[c] += each[i].Intersection[c]
				all.Prediction[c] += each[i].Prediction[c]
				all.Labels[c] += each[i].Labels[c]
			}
		}
		return all
	}
	rows := make([]int, len(each))
	for i := range rows {
		rows[i] = i
	}
	all := sum(rows)
	interval, err := eval.Bootstrap(len(each), func(rows []int) float64 { return sum(rows).MeanIoU() }, eval.BootstrapOptions{Seed: seed})
	if err != nil {
		return nil, err
	}
	iou, accuracy, dice := all.IoU(), all.Accuracies(), all.Dice()
	r := &masksReport{
		Images: len(each), MeanIoU: number(eval.Mean(iou)), Interval: [2]number{number(interval.Low), number(interval.High)},
		PixelAccuracy: number(all.PixelAccuracy()), MeanAccuracy: number(eval.Mean(accuracy)), MeanDice: number(eval.Mean(dice)), Skipped: []failure{},
	}
	for c, name := range names {
		r.Classes = append(r.Classes, maskClassJSON{name, all.Labels[c], number(iou[c]), number(accuracy[c]), number(dice[c])})
	}
	return r, nil
}

// print prints the figures of masks.
func (r *masksReport) print(cmd *cobra.Command) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nmIoU            %s (95 %%: %.1f to %.1f)\n", count(r.Images, "mask"), percent(r.MeanIoU), 100*float64(r.Interval[0]), 100*float64(r.Interval[1]))
	fmt.Fprintf(&b, "pixel accuracy  %s\nmean accuracy   %s\nmean Dice       %s\n", percent(r.PixelAccuracy), percent(r.MeanAccuracy), percent(r.MeanDice))
	if len(r.Classes) <= mostRecalls {
		for _, c := range r.Classes {
			if float64(c.IoU) == float64(c.IoU) {
				fmt.Fprintf(&b, "  %-20s IoU %7s, accuracy %7s, Dice %7s\n", shown(c.Name), percent(c.IoU), percent(c.Accuracy), percent(c.Dice))
			}
		}
	}
	_, err := cmd.OutOrStdout().Write([]byte(b.String()))
	return err
}

// depthReport is the output of --json for depth maps.
type depthReport struct {
	Images int `json:"images"`
	eval.DepthErrors
	Interval [2]number `json:"abs_rel_interval"`
	Skipped  []failure `json:"skipped"`
}

// depthOf are the figures over depth maps. add adds picture i.
func depthOf(n int, limits eval.Depth, add func(i int, d *eval.Depth) error, seed uint64) (*depthReport, error) {
	all := limits
	each := make([]eval.DepthErrors, n)
	for i := range n {
		one := limits
		if err := add(i, &one); err != nil {
			return nil, err
		}
		each[i] = one.Errors()
		all.Join(&one)
	}
	interval, err := eval.Bootstrap(n, func(rows []int) float64 {
		sum, pixels := 0.0, 0.0
		for _, i := range rows {
			if p := float64(each[i].Pixels); p > 0 {
				sum += each[i].AbsRel * p
				pixels += p
			}
		}
		return sum / pixels
	}, eval.BootstrapOptions{Seed: seed})
	if err != nil {
		return nil, err
	}
	r := &depthReport{Images: n, DepthErrors: all.Errors(), Interval: [2]number{number(interval.Low), number(interval.High)}, Skipped: []failure{}}
	if r.Pixels == 0 {
		return nil, fmt.Errorf("no pixel counts: the targets hold no depth within the limits; look at --min, --max and --per-metre")
	}
	return r, nil
}

// print prints the figures of depth maps.
func (r *depthReport) print(cmd *cobra.Command) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), `%s, %d pixels
abs rel   %.4f (95 %%: %.4f to %.4f)
RMSE      %.4f m
RMSE log  %.4f
log10     %.4f
SILog     %.3f
δ < 1.25  %s, < 1.25² %s, < 1.25³ %s
`, count(r.Images, "depth map"), r.Pixels, r.AbsRel, float64(r.Interval[0]), float64(r.Interval[1]), r.RMSE, r.RMSELog, r.Log10, r.SILog,
		percent(number(r.Delta1)), percent(number(r.Delta2)), percent(number(r.Delta3)))
	return err
}
