package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/text"

	"github.com/spf13/cobra"
)

// rightJSON is what --labelled prints with --json.
type rightJSON struct {
	Images int              `json:"images"`
	Failed int              `json:"failed"`
	Top1   number           `json:"top1"` // shares
	Top5   number           `json:"top5"`
	Labels []rightLabelJSON `json:"labels"`
}

type rightLabelJSON struct {
	Label  string `json:"label"`
	Images int    `json:"images"`
	Top1   number `json:"top1"`
	Top5   number `json:"top5"`
}

// topMost is how many labels may hold the right one in top-5.
const topMost = 5

// runLabelled prints the share of images whose label is found.
func (f *zeroshotFlags) runLabelled(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage(cmd, "--labelled: want one set, a folder with a folder for each label or a list; found %d arguments", len(args))
	}
	set, err := f.columns.open(cmd, args[0])
	if err != nil {
		return err
	}
	switch {
	case len(set.Classes) == 0 || set.MultiLabel:
		return fmt.Errorf("%s: want one label for each image", shown(args[0]))
	case set.Items[0].Part != "":
		return fmt.Errorf("%s: has parts: give one of them, such as %s/val", shown(args[0]), shown(strings.TrimSuffix(args[0], "/")))
	}
	labels, err := f.allLabels()
	if err != nil {
		return err
	}
	if labels == nil && !isFile(f.file) {
		for _, class := range set.Classes {
			labels = append(labels, spaced(class))
		}
	}
	z, err := f.open(cmd, labels)
	if err != nil {
		return err
	}
	defer z.model.Close()
	labelOf, err := matchLabels(set.Classes, z.classifier.Classes)
	if err != nil {
		return fmt.Errorf("%s: %w", shown(args[0]), err)
	}
	return f.count(cmd, z, set, labelOf)
}

// spaced is the name of a folder as a text.
func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

// matchLabels finds the label of each class of a set: by name, or in their order if there are as many.
func matchLabels(classes, labels []string) ([]int, error) {
	var found []int
	for _, class := range classes {
		at := slices.Index(labels, class)
		if at < 0 {
			at = slices.Index(labels, spaced(class))
		}
		found = append(found, at)
	}
	missing := slices.Index(found, -1)
	switch {
	case missing < 0:
		return found, nil
	case len(classes) != len(labels):
		return nil, fmt.Errorf("folder %q is none of the %s, and there are %s: give a label for each folder, in their order", classes[missing], count(len(labels), "label"), count(len(classes), "folder"))
	case slices.ContainsFunc(found, func(at int) bool { return at >= 0 }):
		return nil, fmt.Errorf("folder %q is none of the labels, but others are: name all as the labels, or none", classes[missing])
	}
	for i := range found {
		found[i] = i
	}
	return found, nil
}

// right counts the images of a label, and those in which it was found.
type right struct{ images, first, five int }

// count runs the model on the set and prints the shares.
func (f *zeroshotFlags) count(cmd *cobra.Command, z *zeroshot, set *data.Dataset, labelOf []int) error {
	enc := f.encoder(z)
	inputs := make([]radio.Input, len(set.Items))
	for i, item := range set.Items {
		inputs[i] = input(cmd, enc, item.Path)
	}
	bar := newProgressOf(cmd.ErrOrStderr(), len(inputs), true, "images", "classifying")
	defer bar.stop()
	tally := make([]right, len(z.classifier.Classes))
	at, bad := 0, 0
	err := enc.Stream(cmd.Context(), inputs, func(r radio.Result) error {
		label := labelOf[set.Items[at].Labels[0]]
		at++
		bar.step()
		err := r.Err
		var cosines []float64
		if err == nil {
			cosines, err = z.classifier.Cosines(radio.Values[float32](r.Adaptors[z.adaptor.Name].Summary))
		}
		if err != nil {
			bad++
			bar.printf("cradio: skipped: %s\n", newFailure(r.Name, err).Error)
			return nil
		}
		tally[label].images++
		top := text.Top(cosines, topMost)
		if top[0] == label {
			tally[label].first++
		}
		if slices.Contains(top, label) {
			tally[label].five++
		}
		return nil
	})
	bar.stop()
	if err == nil {
		err = z.model.Unchanged()
	}
	if err != nil {
		return err
	}
	if err := f.printRight(cmd, z.classifier.Classes, tally, bad); err != nil {
		return err
	}
	if bad > 0 {
		return failed{fmt.Sprintf("%d of %s failed", bad, count(len(inputs), "image"))}
	}
	return nil
}

func share(n, of int) number { return number(float64(n) / float64(max(of, 1))) }

// printRight prints the shares: of each label, and of all images.
func (f *zeroshotFlags) printRight(cmd *cobra.Command, labels []string, tally []right, bad int) error {
	var all right
	report := rightJSON{Failed: bad, Labels: []rightLabelJSON{}}
	for i, t := range tally {
		all.images, all.first, all.five = all.images+t.images, all.first+t.first, all.five+t.five
		if t.images > 0 {
			report.Labels = append(report.Labels, rightLabelJSON{labels[i], t.images, share(t.first, t.images), share(t.five, t.images)})
		}
	}
	report.Images, report.Top1, report.Top5 = all.images, share(all.first, all.images), share(all.five, all.images)
	out := cmd.OutOrStdout()
	if f.json {
		return json.NewEncoder(out).Encode(report)
	}
	const most = 20
	slices.SortStableFunc(report.Labels, func(a, b rightLabelJSON) int {
		if a.Top1 != b.Top1 {
			if a.Top1 < b.Top1 {
				return -1
			}
			return 1
		}
		return 0
	})
	for i, l := range report.Labels {
		if i == most {
			fmt.Fprintf(out, "and %d labels with more right answers; --json lists all\n", len(report.Labels)-most)
			break
		}
		fmt.Fprintf(out, "%6.2f %%  %s (%s)\n", 100*float64(l.Top1), shown(l.Label), count(l.Images, "image"))
	}
	_, err := fmt.Fprintf(out, "top-1 %.2f %%, top-5 %.2f %% of %s, %s\n", 100*float64(report.Top1), 100*float64(report.Top5), count(all.images, "image"), count(len(labels), "label"))
	return err
}
