package main

import (
	"strconv"

	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/head"
	"cradio/radio/train"

	"github.com/spf13/cobra"
)

func newTrainClassifyCmd() *cobra.Command {
	f := &trainFlags{}
	cmd := &cobra.Command{
		Use:   "classify DATA",
		Short: "Train a classifier of images",
		Long: `classify trains a head that names the class of an image, or with a column labels its
classes.

DATA is a folder with a folder for each class, perhaps below train, val and test; or a list
(.csv, .jsonl, .txt) with path, and label or labels. See cradio eval knn --help. The part test
is not looked at. DATA may also be a STORE of cradio features: then nothing is computed again.

With labels (cat;dog in .csv, a list in .jsonl) an image has any number of classes, or none.
Each class is then answered by itself: the loss is binary cross entropy, and the figure of the
validation part is the mean average precision (map). A column or field unknown, beside labels,
names the classes in the same way of which it is not known whether the image has them: they
count in no loss, weight or figure, here and in cradio eval head.

` + trainHelp,
		Example: `  cradio eval generate shapes && cradio train classify shapes --model synthetic:nano --size 64 --out run
  cradio train classify flowers/ --model nvidia/C-RADIOv2-B --out run --input class:last:4,mean   # DINOv2's
  cradio train classify photos.csv --model nvidia/C-RADIOv2-B --out tags   # path,labels,unknown: beach;sunset,dog
  cradio train classify flowers/ --model nvidia/C-RADIOv2-B --out tuned --blocks 4 --flip --crop 0.5 --epochs 10`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args); err != nil {
				return err
			}
			store, err := f.store(args[0])
			if err != nil {
				return err
			}
			defer store.Close()
			d, err := f.labelled(cmd, args[0], store)
			if err != nil {
				return err
			}
			failures := tell(cmd, d, f.orient)
			tellClassesArePairs(args[0])
			set, err := train.Labelled(d)
			if err != nil {
				return err
			}
			set.Store = store
			t := &training{trainFlags: f, cmd: cmd, set: set, failures: failures}
			return t.run(func(*train.Recipe) {})
		},
	}
	f.add(cmd, standard{head.Linear, []head.Kind{head.Linear, head.MLP, head.Attentive}, "summary", "width of the hidden layer of an mlp (default that of its input) or attentive head (default four times that)", 20, 256,
		[]train.LossKind{train.CrossEntropy, train.Focal}})
	f.columns.add(cmd.Flags())
	return cmd
}

// labelled opens, reads and splits a set of labelled images.
func (f *trainFlags) labelled(cmd *cobra.Command, path string, store *features.Store) (*data.Dataset, error) {
	if store != nil {
		if err := f.columns.none(cmd, path); err != nil {
			return nil, err
		}
		return store.Set, f.split(cmd, store.Set)
	}
	d, err := f.columns.open(cmd, path)
	if err != nil {
		return nil, err
	}
	return d, f.readAndSplit(cmd, d)
}

// readAndSplit reads the images of a set, and takes a validation part from what has none.
func (f *trainFlags) readAndSplit(cmd *cobra.Command, d *data.Dataset) error {
	if err := d.Read(cmd.Context(), nil); err != nil {
		return err
	}
	return f.split(cmd, d)
}

// store opens DATA if it is a store of features, and is nil otherwise.
func (f *trainFlags) store(path string) (*features.Store, error) {
	if !features.IsStore(path) {
		return nil, nil
	}
	return features.Open(path)
}

// split takes a validation part from a set that has none.
func (f *trainFlags) split(cmd *cobra.Command, d *data.Dataset) error {
	share, err := strconv.ParseFloat(f.val, 64)
	if err != nil {
		return usage(cmd, "--val %s: must be a share, such as 0.1", shown(f.val))
	}
	shares := data.Fractions{Val: share}
	if err := shares.Check(); err != nil {
		return usage(cmd, "--val %s: must be at least 0 and below 1", f.val)
	}
	from := data.Part("")
	if len(d.Part("")) == 0 {
		from = data.Train
		if len(d.Part(data.Val)) > 0 {
			shares.Val = 0
		}
	}
	return d.Split(from, shares, f.seed)
}
