package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cradio/radio"
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// attentionFlags are the options of `cradio attention`.
type attentionFlags struct {
	showFlags
	block string
	head  string
	from  []string
}

func newAttentionCmd() *cobra.Command {
	f := &attentionFlags{}
	cmd := &cobra.Command{
		Use:   "attention IMAGE… --out FILE.png",
		Short: "Draw the attention weights of a block",
		Long: `attention draws how much one token attends to each patch in one block: a row of
softmax(q·kᵀ/√d). --head selects one head, the mean of all heads, or all (a map for each).
--from selects the token, and may be repeated to draw a map for each:

  cls      the mean of the class tokens that form the summary
  cls:N    one class token
  reg:N    one register token
  X,Y      the patch at this position, which is outlined

` + pointHelp + `

The weights of a row sum to 1 over all tokens. Class and register tokens are not drawn;
their share is printed above the map. A few patches often have very large weights, so the
brightest colour stands for the 99.5 % quantile of all maps on the sheet, and above. Only
the rows that are drawn are computed. With --vitdet-window, blocks with windowed attention
are an error.

` + outHelp,
		Example: `  cradio attention photo.jpg --out attention.png
  cradio attention photo.jpg --block 5 --head all --from 120,80 --out heads.png
  cradio attention photo.jpg --from cls:0 --from 0.5,0.5 --json`,
		Args:              someImages,
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, false, imagePanel, mapPanel, overlayPanel)
	f.addColours(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.block, "block", "-1", "block `N`, from 0; -1 is the last")
	flags.StringVar(&f.head, "head", "mean", "`HEAD`: a number from 0, mean or all")
	flags.StringArrayVar(&f.from, "from", []string{"cls"}, "token: cls, cls:N, reg:N or X,Y; may be repeated")
	complete(cmd, "head", "mean", "all", "0")
	complete(cmd, "from", "cls", "cls:0", "reg:0", "0.5,0.5")
	return cmd
}

// looker is a token whose attention weights are drawn.
type looker struct {
	text  string
	rows  []int // the weights are the mean over these tokens; nil for a position
	place point
}

// lookers parses --from for a model.
func (f *attentionFlags) lookers(cmd *cobra.Command, c radio.Config) ([]looker, error) {
	var list []looker
	for _, text := range f.from {
		kind, number, numbered := strings.Cut(text, ":")
		first, n := 0, c.NumClasses
		if kind == "reg" {
			first, n = c.NumClasses, c.Prefix()-c.NumClasses
		}
		switch {
		case text == "cls":
			list = append(list, looker{text: text, rows: slices.Clone(c.SummaryIdxs)})
		case numbered && (kind == "cls" || kind == "reg"):
			i, err := strconv.Atoi(number)
			if err != nil || i < 0 || i >= n {
				return nil, usage(cmd, "--from %s: does not exist: the model has %d %s tokens, counted from 0", shown(text), n, kind)
			}
			list = append(list, looker{text: text, rows: []int{first + i}})
		default:
			p, err := parsePoint(cmd, "from", text)
			if err != nil {
				return nil, usage(cmd, "--from %s: must be cls, cls:N, reg:N or a position X,Y", shown(text))
			}
			list = append(list, looker{text: text, place: p})
		}
	}
	return list, nil
}

// attentionJSON is the output of --json.
type attentionJSON struct {
	headJSON
	Block  int                  `json:"block"`
	Heads  int                  `json:"heads"`
	Images []attentionImageJSON `json:"images"`
}

type attentionImageJSON struct {
	imageJSON
	Attention []attentionMapJSON `json:"attention"`
}

type attentionMapJSON struct {
	From    string     `json:"from"`
	Head    string     `json:"head"`
	Prefix  []number   `json:"prefix"` // weights of the class tokens and registers
	Patches [][]number `json:"patches"`
}

// attended is an image, with a map for each token and head.
type attended struct {
	maps  []attentionMap
	marks [][]outline
}

type attentionMap struct {
	from, head string
	prefix     []float64
	patches    []float64
}

func (f *attentionFlags) run(cmd *cobra.Command, args []string) error {
	block, err := strconv.Atoi(f.block)
	if err != nil {
		return usage(cmd, "--block %s: must be the number of a block, such as 5 or -1", shown(f.block))
	}
	head, err := strconv.Atoi(f.head)
	if err != nil && f.head != "mean" && f.head != "all" {
		return usage(cmd, "--head %s: must be the number of a head, mean or all", shown(f.head))
	}
	s, err := f.start(cmd, args)
	if err != nil {
		return err
	}
	defer s.close()
	c := s.enc.Model.Config()
	if err == nil && f.head != "mean" && f.head != "all" && (head < 0 || head >= c.Heads) {
		return usage(cmd, "--head %d: does not exist: the model has %d heads, 0 to %d", head, c.Heads, c.Heads-1)
	}
	lookers, err := f.lookers(cmd, c)
	if err != nil {
		return err
	}
	s.enc.Request = radio.Request{NoFeatures: true, Attention: []radio.AttentionRows{{Block: block, Rows: []int{0}}}}
	if _, err := s.enc.Model.Plan(1, c.Step(), c.Step(), s.enc.Request); err != nil {
		return err
	}
	if block < 0 {
		block += c.Depth
	}
	report := attentionJSON{Block: block, Heads: c.Heads, Images: []attentionImageJSON{}}
	var images []*seen
	of := map[*seen]*attended{}
	err = s.each(func(name string, img *image.RGB) error {
		im, a, err := f.attend(s, lookers, block, name, img)
		if err != nil {
			return err
		}
		out := attentionImageJSON{imageJSON: im.json()}
		for _, m := range a.maps {
			prefix := make([]number, len(m.prefix))
			for i, v := range m.prefix {
				prefix[i] = number(v)
			}
			out.Attention = append(out.Attention, attentionMapJSON{m.from, m.head, prefix, grid(m.patches, im.Cols, toNumber)})
		}
		report.Images = append(report.Images, out)
		images, of[im] = append(images, im), a
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.enc.Model.Unchanged(); err != nil {
		return err
	}
	err = s.sheets("attention", images, func(images []*seen) (*drawing, error) { return f.drawSheet(s, images, of, block) })
	if err != nil {
		return err
	}
	report.headJSON = s.head()
	report.Layer = fmt.Sprintf("block %d attention", block)
	if err := s.printJSON(report); err != nil {
		return err
	}
	return s.done()
}
