package main

import (
	"slices"
	"strings"

	"cradio/radio/image"
	"cradio/radio/text"

	"github.com/spf13/cobra"
)

// zeroshotFlags are the options of `cradio zeroshot`.
type zeroshotFlags struct {
	model     modelFlags
	text      textFlags
	size      sizeFlag
	alpha     alphaFlag
	adaptor   string
	labels    []string
	templates []string
	top       int
	scores    string
	batch     int
	pixels    int64
	json      bool
	file      string // of the classifier
	other     bool   // another tower than the teacher's
	labelled  bool
	columns   columnsFlag
	dense     bool
	out       string
	smooth    bool
}

// The values of --scores.
const (
	scoresCosine  = "cosine"
	scoresSoftmax = "softmax"
	scoresSigmoid = "sigmoid"
)

func newZeroshotCmd() *cobra.Command {
	f := &zeroshotFlags{}
	cmd := &cobra.Command{
		Use:   "zeroshot IMAGE… --text TOWER --labels A,B",
		Short: "Tell which of some labels fits each image",
		Long: `zeroshot compares each image with texts about some labels, and prints the labels that fit
best, without any training. It needs a model with an adaptor whose teacher has texts (clip,
siglip, siglip2 or siglip2-g), and that teacher's text tower.

` + textHelp + `

LABELS AND TEMPLATES

--labels is a list A,B,C or a file with a label on each line; it may be repeated. Each label
is put into templates, in the place of {}, and the texts are averaged. --templates is
openai (80 templates), simple (7) or base (1), a file with one on each line, or a template.

--classifier FILE.safetensors keeps what the texts became. If the file is there, it is used
instead of the text tower, and labels that it is not of are refused.

LABELLED IMAGES

With --labelled, IMAGE is a folder with a folder for each label, or a list (.csv, .jsonl, .txt),
and the share of right answers is printed: top-1 and top-5. Without --labels, the names of
the folders are the labels, with _ for a space. With them, folders belong to labels by
name, or in their order if there are as many.

DENSE

With --dense, each patch has the colour of its best label: --out FILE.png draws it over the
images, with a legend. It needs an adaptor whose spatial features have the width of the
texts. No published adaptor is trained to align them: take the colours as a hint.

SCORES

cosine is that of image and label. softmax and sigmoid are the teacher's own probabilities:
clip's add up to 1 over the labels, SigLIP's are each label's own, and often small.`,
		Example: `  cradio zeroshot photos/ -m nvidia/C-RADIOv3-B --adaptor clip --text DFN5B-CLIP-ViT-H-14-378/ \
      --labels cat,dog,car
  cradio zeroshot imagenet/val -m C-RADIOv3-B --text siglip2/ --labelled --labels classes.txt --templates openai
  cradio zeroshot photo.jpg -m C-RADIOv3-B --text siglip2/ --labels sky,grass,dog --dense --out labels.png
  cradio zeroshot photo.jpg -m C-RADIOv3-B --text siglip2/ --labels classes.txt --templates openai --json`,
		Args:              someImages,
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.model.add(cmd)
	f.text.add(cmd)
	f.size.add(cmd, "image size, as for cradio embed (default card)")
	f.alpha.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.adaptor, "adaptor", "", "the adaptor `NAME` to compare with (default the one that has the tower's width)")
	flags.StringSliceVar(&f.labels, "labels", nil, "`LABELS`: a list, or a file with one on each line")
	flags.StringArrayVar(&f.templates, "templates", []string{"simple"}, "`TEMPLATES`: openai, simple, base, a file or a template; may be repeated")
	flags.StringVar(&f.file, "classifier", "", "`FILE`.safetensors to keep the classifier in, or to read it from")
	flags.BoolVar(&f.other, "other-tower", false, "use a text tower that is not that of the adaptor's teacher")
	f.columns.add(flags)
	flags.BoolVar(&f.labelled, "labelled", false, "IMAGE is a set with labels: print the share of right answers")
	flags.BoolVar(&f.dense, "dense", false, "colour each patch by its best label; see above")
	flags.StringVarP(&f.out, "out", "o", "", "with --dense: PNG `FILE` to write, or a folder for one file per image")
	flags.BoolVar(&f.smooth, "smooth", false, "with --dense: interpolate between patches instead of drawing squares")
	flags.IntVar(&f.top, "top", 5, "labels to print for each image")
	flags.StringVar(&f.scores, "scores", "", "cosine, softmax or sigmoid (default the teacher's)")
	flags.IntVarP(&f.batch, "batch", "b", 1, "batch size (images of one size)")
	flags.Int64Var(&f.pixels, "max-pixels", image.DefaultMaxPixels, "reject images with more pixels")
	flags.BoolVar(&f.json, "json", false, "print a JSON object for each image, on a line of its own")
	complete(cmd, "scores", scoresCosine, scoresSoftmax, scoresSigmoid)
	complete(cmd, "templates", text.TemplateSets()...)
	return cmd
}

func (f *zeroshotFlags) check(cmd *cobra.Command) error {
	switch {
	case len(f.labels) == 0 && !f.labelled && !isFile(f.file):
		return usage(cmd, "--labels is missing: give a list A,B,C or a file with a label on each line")
	case f.file != "" && !strings.HasSuffix(f.file, ".safetensors"):
		return usage(cmd, "--classifier %s: must end in .safetensors", shown(f.file))
	case f.columns.text != "" && !f.labelled:
		return usage(cmd, "--columns belongs to --labelled")
	case f.labelled && f.dense:
		return usage(cmd, "--labelled and --dense: choose one")
	case !f.dense && (f.out != "" || f.smooth):
		return usage(cmd, "--out and --smooth belong to --dense")
	case f.top < 1:
		return usage(cmd, "--top %d: must be at least 1", f.top)
	case f.batch < 1:
		return usage(cmd, "--batch %d: must be at least 1", f.batch)
	case f.pixels < 1:
		return usage(cmd, "--max-pixels %d: must be at least 1", f.pixels)
	case !slices.Contains([]string{"", scoresCosine, scoresSoftmax, scoresSigmoid}, f.scores):
		return usage(cmd, "--scores %s: must be cosine, softmax or sigmoid", shown(f.scores))
	}
	return f.alpha.check(cmd)
}
