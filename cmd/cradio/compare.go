package main

import (
	"math"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/show"

	"github.com/spf13/cobra"
)

// compareFlags are the options of `cradio compare`.
type compareFlags struct {
	showFlags
	with modelFlags // name, dtype and window
	to   sizeFlag
	of   layerFlags
}

func newCompareCmd() *cobra.Command {
	f := &compareFlags{}
	cmd := &cobra.Command{
		Use:   "compare IMAGE… --with-…",
		Short: "Compare two models, sizes or precisions on the same images",
		Long: `compare computes features twice, and prints how they differ. The first features, a, follow
--model, --size, --dtype, --adaptor, --block and --vitdet-window. The second, b, have the
same options, except those changed by --with-model, --with-size and so on. For each image
and for all images, the table shows:

  cosine      cosine similarity of a patch's two features: mean and minimum over patches
  error       relative error ‖a-b‖/‖a‖ over all patches
  CKA         linear centred kernel alignment. It is 1 if the features are equal up to
              rotation, shift and scale. It also compares features of different widths
  summary     cosine similarity and relative error of the summary

A dash means undefined: cosine and error of features of different widths, or CKA of an
image whose features are all equal. If the grids differ in size, b is interpolated to the
grid of a. --out draws two maps of where the features differ: 1 - cosine, and the error.

` + outHelp,
		Example: `  cradio compare photos/ --with-dtype bfloat16
  cradio compare photos/ --model C-RADIOv2-B --with-model C-RADIOv2-L
  cradio compare photo.jpg --with-dtype int8 --out where.png
  cradio compare photo.jpg --size 432 --with-size 768 --json`,
		Args:              someImages,
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, true, imagePanel, mapPanel)
	f.addColours(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.with.name, "with-model", "", "second `MODEL`")
	flags.StringVar(&f.with.dtype, "with-dtype", "", "second precision")
	flags.IntVar(&f.with.window, "with-vitdet-window", 0, "second size of ViTDet's windows, patches")
	flags.Var(&f.to, "with-size", "second size, as for --size")
	flags.StringVar(&f.of.adaptor, "with-adaptor", "", "second adaptor `NAME`")
	flags.StringVar(&f.of.block, "with-block", "", "second block `N`")
	var names []string
	for _, d := range radio.DTypes() {
		names = append(names, string(d))
	}
	complete(cmd, "with-dtype", names...)
	if err := cmd.RegisterFlagCompletionFunc("with-model", completeModel); err != nil {
		panic(err)
	}
	return cmd
}

// second returns the options of the second side: those of the first, except for --with flags.
func (f *compareFlags) second(cmd *cobra.Command) (modelFlags, sizeFlag, layerFlags, error) {
	m, size, layer := f.model, f.size, f.layer
	changed := false
	given := func(flag string) bool {
		is := cmd.Flags().Changed(flag)
		changed = changed || is
		return is
	}
	if given("with-model") {
		m.name, m.packs = f.with.name, ""
	}
	if given("with-dtype") {
		m.dtype = f.with.dtype
	}
	if given("with-vitdet-window") {
		m.window = f.with.window
	}
	if given("with-size") {
		size = f.to
	}
	if given("with-adaptor") {
		layer = layerFlags{adaptor: f.of.adaptor}
	}
	if given("with-block") {
		layer = layerFlags{block: f.of.block, adaptor: f.of.adaptor}
	}
	if !changed {
		return m, size, layer, usage(cmd, "nothing to compare with: give --with-model, --with-dtype, --with-size, --with-adaptor, --with-block or --with-vitdet-window")
	}
	if err := radio.DType(m.dtype).Check(); err != nil {
		return m, size, layer, usage(cmd, "--with-dtype: %v", err)
	}
	if m.window < 0 {
		return m, size, layer, usage(cmd, "--with-vitdet-window %d: must be at least 1 patch", m.window)
	}
	return m, size, layer, layer.check(cmd)
}

// compareJSON is the output of --json.
type compareJSON struct {
	headJSON
	DType  string             `json:"dtype"`
	With   sideJSON           `json:"with"`
	Images []compareImageJSON `json:"images"`
	All    measuresJSON       `json:"all"`
}

type sideJSON struct {
	Model string `json:"model"`
	Layer string `json:"layer"`
	DType string `json:"dtype"`
}

type compareImageJSON struct {
	imageJSON
	With struct {
		Height int `json:"height"`
		Width  int `json:"width"`
		Rows   int `json:"rows"`
		Cols   int `json:"cols"`
	} `json:"with"`
	measuresJSON
	Cosines [][]number `json:"cosines"`
	Errors  [][]number `json:"errors"`
}

// measuresJSON are the measures of one image or of all. Undefined ones are null.
type measuresJSON struct {
	CosineMean    number `json:"cosine_mean"`
	CosineMin     number `json:"cosine_min"`
	Error         number `json:"error"`
	CKA           number `json:"cka"`
	SummaryCosine number `json:"summary_cosine"`
	SummaryError  number `json:"summary_error"`
}

// comparing is one run of `cradio compare`.
type comparing struct {
	*showing
	other   *radio.Encoder
	second  *showFlags
	report  compareJSON
	all     show.CKA
	images  []*seen
	found   map[*seen]*show.Difference
	sums    [4]float64 // of all patches' cosines, and of the images' errors and summaries
	patches int
}

func (f *compareFlags) run(cmd *cobra.Command, args []string) error {
	model, size, layer, err := f.second(cmd)
	if err != nil {
		return err
	}
	f.prints = true
	s, err := f.start(cmd, args)
	if err != nil {
		return err
	}
	defer s.close()
	c := &comparing{showing: s, found: map[*seen]*show.Difference{}}
	second := f.showFlags
	second.model, second.size, second.layer = model, size, layer
	c.second = &second
	m := s.enc.Model
	if model != f.model {
		if m, err = model.open(cmd); err != nil {
			return err
		}
		defer m.Close()
	}
	if c.other, err = second.encoder(m, size, &second.layer); err != nil {
		return err
	}
	if err := s.each(c.add); err != nil {
		return err
	}
	for _, m := range []*radio.Model{s.enc.Model, m} {
		if err := m.Unchanged(); err != nil {
			return err
		}
	}
	c.finish()
	if !f.json {
		if err := c.table(); err != nil {
			return err
		}
	}
	if err := s.sheets("compare", c.images, c.drawSheet); err != nil {
		return err
	}
	c.report.headJSON = s.head()
	if err := s.printJSON(c.report); err != nil {
		return err
	}
	return s.done()
}

// add compares the features of one image.
func (c *comparing) add(name string, img *image.RGB) error {
	a, err := c.encode(name, img)
	if err != nil {
		return err
	}
	b, err := encodeWith(c.cmd, c.other, c.second.layer, name, img)
	if err != nil {
		return err
	}
	tokens := a.Rows * a.Cols
	features := show.Regrid(b.Features, b.Rows, b.Cols, a.Rows, a.Cols)
	d, err := show.Compare(a.Features, features, tokens)
	if err != nil {
		return err
	}
	out := compareImageJSON{imageJSON: a.json()}
	out.With.Height, out.With.Width, out.With.Rows, out.With.Cols = b.img.H, b.img.W, b.Rows, b.Cols
	var cka show.CKA
	if err := cka.Add(a.Features, features, tokens); err != nil {
		return err
	}
	if err := c.all.Add(a.Features, features, tokens); err != nil {
		return err
	}
	out.measuresJSON = measuresJSON{number(math.NaN()), number(math.NaN()), number(d.Error), number(cka.Value()), number(math.NaN()), number(math.NaN())}
	if d.Cosines != nil {
		sum, least := 0.0, 1.0
		for _, v := range d.Cosines {
			sum, least = sum+v, min(least, v)
		}
		c.sums[0] += sum
		c.patches += tokens
		out.CosineMean, out.CosineMin = number(sum/float64(tokens)), number(least)
		out.Cosines, out.Errors = grid(d.Cosines, a.Cols, toNumber), grid(d.Errors, a.Cols, toNumber)
	}
	if a.summary != nil && len(a.summary) == len(b.summary) {
		out.SummaryCosine, out.SummaryError = number(show.Cosine(a.summary, b.summary)), number(show.RelativeError(a.summary, b.summary))
	}
	c.report.Images = append(c.report.Images, out)
	a.Features = nil
	c.images, c.found[a] = append(c.images, a), d
	return nil
}

// finish returns the measures of all images: the mean cosine over all patches, the mean
// error and summary measures over images, the minimum, and the CKA of all patches together.
func (c *comparing) finish() {
	c.report.DType, c.report.With = c.model.dtype, sideJSON{c.second.model.name, c.second.layer.name(c.other.Model.Config()), c.second.model.dtype}
	all := measuresJSON{CosineMin: 1, CKA: number(c.all.Value())}
	n := number(len(c.report.Images))
	for _, i := range c.report.Images {
		all.CosineMin = min(all.CosineMin, i.CosineMin)
		all.Error += i.Error / n
		all.SummaryCosine += i.SummaryCosine / n
		all.SummaryError += i.SummaryError / n
	}
	all.CosineMean = number(c.sums[0] / float64(c.patches))
	c.report.All = all
}
