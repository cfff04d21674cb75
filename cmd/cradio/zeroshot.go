package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/text"
	"cradio/radio/text/token"

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

SCORES

cosine is that of image and label. softmax and sigmoid are the teacher's own probabilities:
clip's add up to 1 over the labels, SigLIP's are each label's own, and often small.`,
		Example: `  cradio zeroshot photos/ -m nvidia/C-RADIOv3-B --adaptor clip --text DFN5B-CLIP-ViT-H-14-378/ \
      --labels cat,dog,car
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
	case len(f.labels) == 0:
		return usage(cmd, "--labels is missing: give a list A,B,C or a file with a label on each line")
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

// readLines reads a file of lines in UTF-8.
func readLines(path string) (lines []string, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("%s, line %d: %q is not UTF-8; save the file in UTF-8", shown(path), n, line)
		}
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	if lines == nil {
		return nil, fmt.Errorf("%s: has no lines", shown(path))
	}
	return lines, nil
}

// isFile says whether a path is that of a file.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// allLabels lists the labels of the flag: those of files, and those given.
func (f *zeroshotFlags) allLabels() (list []string, err error) {
	for _, l := range f.labels {
		if !isFile(l) {
			list = append(list, strings.TrimSpace(l))
			continue
		}
		lines, err := readLines(l)
		if err != nil {
			return nil, fmt.Errorf("--labels: %w", err)
		}
		list = append(list, lines...)
	}
	return list, nil
}

func (f *zeroshotFlags) allTemplates() (list []string, err error) {
	for _, t := range f.templates {
		set, err := text.Templates(t)
		switch {
		case err == nil:
			list = append(list, set...)
		case strings.Contains(t, "{}"):
			list = append(list, t)
		case isFile(t):
			lines, err := readLines(t)
			if err != nil {
				return nil, fmt.Errorf("--templates: %w", err)
			}
			list = append(list, lines...)
		default:
			return nil, fmt.Errorf("--templates %s: is neither %s, nor a file, nor a template with {} in it", shown(t), strings.Join(text.TemplateSets(), ", "))
		}
	}
	return list, nil
}

// chooseAdaptor finds the adaptor that the tower belongs to: the one that was named, or the
// one that has its width and a name of a teacher with texts.
func (f *zeroshotFlags) chooseAdaptor(m *radio.Model, width int) (string, error) {
	var names []string
	for _, a := range m.Config().Adaptors {
		names = append(names, a.Name)
		_, err := token.ParseKind(a.Name)
		switch {
		case f.adaptor == a.Name && a.Summary.Out != width:
			return "", fmt.Errorf("adaptor %s has summaries of %d elements, the text tower embeddings of %d: it is not the tower of its teacher", a.Name, a.Summary.Out, width)
		case f.adaptor == a.Name, f.adaptor == "" && err == nil && a.Summary.Out == width:
			return a.Name, nil
		}
	}
	has := "it has no adaptors"
	if len(names) > 0 {
		has = "it has " + strings.Join(names, ", ")
	}
	if f.adaptor != "" {
		return "", fmt.Errorf("%s: no adaptor %q: %s", shown(f.model.name), f.adaptor, has)
	}
	return "", fmt.Errorf("%s: no adaptor that texts of width %d can be compared with (clip, siglip, siglip2 or siglip2-g): %s; choose a model that has one, such as C-RADIOv3, or name it with --adaptor", shown(f.model.name), width, has)
}
