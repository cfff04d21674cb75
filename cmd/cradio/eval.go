package main

import "github.com/spf13/cobra"

func newEvalCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure how well features classify labelled images",
		Long: `eval measures how well the features of a model classify images: it computes them, answers
with a simple classifier, and compares the answers with the labels.

  knn        the nearest neighbours vote; nothing is trained
  logistic   a logistic regression, fitted to the features
  probe      linear classifiers, trained by gradient descent with several rates
  head       a head that cradio train has made, on labelled images, masks or depth maps
  masks      compares predicted masks with labels: mIoU, Dice
  depth      compares predicted depth maps with measured ones
  generate   draws labelled images, so that everything can be tried offline

A complete example, offline:

  cradio eval generate shapes
  cradio eval knn shapes --model synthetic:nano --size 64`,
		Example: `  cradio eval generate shapes
  cradio eval knn flowers/ --model nvidia/C-RADIOv2-B
  cradio eval logistic flowers/ --model nvidia/C-RADIOv2-B --json`,
		Args: noSuchCommand, SuggestionsMinimumDistance: maxDistance,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newEvalKNNCmd(), newEvalLogisticCmd(), newEvalProbeCmd(), newEvalHeadCmd(), newEvalMasksCmd(), newEvalDepthCmd(), newEvalGenerateCmd())
	return cmd
}

// evalHelp describes what the commands below eval share.
const evalHelp = `DATA

DATA is one of:

  FOLDER       a folder for each class: FOLDER/cat/1.jpg. If there are folders train, val or
               test, the classes are below them: FOLDER/train/cat/1.jpg
  LIST.csv     a header with the columns path and label, perhaps split (train, val or test);
               file_name, filename or image is path too, class or category label. Other
               names will do where it is plain from the values what they are, columns of 0
               and 1 are classes then, and it is said what was taken for what. Commas,
               semicolons or tabs (.tsv) separate columns
  LIST.txt     a path and a label on each line, or columns with spaces between them
  LIST.jsonl   an object on each line with the same fields. A FOLDER may have such a list
               beside its images, named metadata.csv or metadata.jsonl
  STORE        a store of cradio features: nothing is computed again
  FILE.npz, FILE.npy
               features that cradio embed --out wrote. The label of an image is the folder
               that it is in, or what --labels LIST says (a list as above)

Paths in a list are relative to its folder, or to the one folder in it, or around it, that has
the first image; the extension may be missing. Without parts, DATA is split by the contents
of the images, so that copies are in one part, and each class keeps an image to learn from:
--test and --val set the shares, --seed gives another split. --test and --val may also name
another FOLDER or LIST. If an image is in two parts, it stays in the last one only. Images
that cannot be read are reported and skipped. The number of images of each class is printed.

--columns path=image_id,label=dx says which columns of a list are which, by names or numbers.
The folder val or test beside train may have its images in one folder, images, and a list
beside it, as Tiny ImageNet has; without a list they have no labels, and are left out.

FEATURES

--input sets the features: summary, mean (of the features of all patches), or both, one
after the other; class:I, the class tokens after block I, or class:last:N, those of the last
N blocks. A + puts several one after the other: class:last:4+mean. --adaptor NAME takes the
summary, the mean or both of an adaptor. A STORE or FILE must have what is asked for.

OUTPUT

The figures: top-1 (accuracy) with its 95 % bootstrap interval, top-5, and the mean of the
recalls of the classes, which does not follow the large ones. --confusion FILE.png draws
which class was taken for which. --json prints all numbers as one JSON object. --plan
computes nothing but one image, and prints how long all of them will take.

Exit status: 0; 1 if images were skipped because they cannot be read; 2 if the command line
or DATA is wrong; 130 if interrupted.`
