package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cradio/radio"
	"cradio/radio/checkpoint"
	"cradio/radio/image"
	"cradio/radio/output"

	"github.com/spf13/cobra"
)

// embedFlags are the options of `cradio embed`.
type embedFlags struct {
	model modelFlags
	size  sizeFlag

	features      bool
	layout        string
	adaptors      []string
	intermediates string

	batch     int
	orient    bool
	fast      bool
	alpha     alphaFlag
	maxPixels int64
	strict    bool
	resume    bool
	json      bool

	out      string
	outDType string
	missing  string
	failures string
}

func newEmbedCmd() *cobra.Command {
	f := &embedFlags{}
	cmd := &cobra.Command{
		Use:   "embed IMAGE…",
		Short: "Compute image embeddings, and print them or write them to a file",
		Long: `embed computes image embeddings: a summary vector of each image and, with --features,
a feature vector of each patch. It prints a short view of them; --json prints all numbers.
With --out FILE it writes them to a file. FILE's extension sets the format:

  cradio embed photos/ --model nvidia/C-RADIOv2-B --out embeddings.npz

INPUTS

Image formats: JPEG, PNG, GIF, BMP, TIFF, WebP, PBM, PGM and PPM. Animations give their
first frame.

Each IMAGE is one of:

  FILE      an image file, with any extension
  FOLDER    all images in a folder, at any depth; links are followed
  PATTERN   such as 'photos/*.jpg' or 'photos/**/*.{jpg,png}'; ** matches any number of
            folders
  -         one image on standard input
  @FILE     a list of files and folders; @- reads the list from standard input. Each path is
            on a line or is followed by NUL. The text is UTF-8 or UTF-16

In folders and patterns, only files with the extension of an image are read. Hidden files
are skipped. The number of skipped files is printed, by extension.

` + sizeHelp + `

OUTPUT FILES

--out writes N images in the order given, with C numbers in a summary, T patches, and D
numbers in the features of a patch. Summaries are always written, except where .npy holds
features. Features need several hundred times as much space. The expected size of the file
is printed before work begins.

  .npy          one array: summary (N, C), or with --features only features (N, T, D).
                FILE.npy.json holds paths, sizes, metadata and failures
  .npz          arrays: summary, features, adaptor.NAME.summary, adaptor.NAME.features,
                intermediate.BLOCK.features, intermediate.BLOCK.prefix, sizes (N, 2) of the
                model's input, original_sizes (N, 2), grid (N, 2), paths, and the metadata
  .safetensors  the same arrays. Paths and metadata are in the file's metadata
  .jsonl        one JSON object per line, as --json prints it
  .parquet      one row per image. Columns: path, height, width (of the image file),
                input_height, input_width, rows, cols, the arrays above as lists of
                numbers, and error (null unless the image failed). Paths that are not
                UTF-8 are also in path_base64

Metadata: model, identity (SHA-256 of weights, configuration and preprocessor), settings,
dtype, layout, synthetic (whether the weights are), and cradio (its version). .parquet
also has widths, the number of values of each token.

Sizes and grid are height before width. If images differ in size, .npz and .safetensors
hold one array per image: features.0 (T, D), features.1 and so on, numbered by row.
.npy cannot hold them: this is an error.

--out-dtype sets the type of the numbers. float16 halves the file. In JSON, bytes of a path
that are not UTF-8 become U+FFFD, and path_base64 holds the exact path.

FILE appears only when it is complete. Until then, temporary files in its folder need as
much space as FILE.

RESUMING

With --resume, results go to FILE.partial as they are computed (.jsonl only). To resume
an interrupted run, run the same command again. It keeps the lines of FILE.partial and of
FILE, and computes only images that have no line yet: new ones, and ones that failed.
FILE may come from a run without --resume. The result is the same as that of one
uninterrupted run.

Lines from another model or from other settings are an error. The model may move to another
folder: its identity counts. Images are identified by path. If an image file has changed,
delete its line. Lines of images that are no longer given are dropped.

ERRORS AND EXIT STATUS

An image or folder that cannot be read is reported and skipped. An image also fails if its
embedding has NaN or infinity, or numbers too large for float16. With --strict, the run
stops at the first failure, and no file is written.

--failures FILE writes one JSON line per failure: path, error, and kind. The kind is format,
damaged, too-large, missing, permission, read, not-finite or other. With --json alone, such
lines are among the results. In .parquet, failed images are rows with an error. In .npy,
--missing nan writes a row of NaN for each, so that row i is input i.

Exit status:

  0    all images have embeddings
  1    some images failed
  2    the command line is wrong, or a file cannot be read or written
  130  interrupted`,
		Example: `  cradio embed photo.jpg
  cradio embed photo.jpg --json --size 224
  cradio embed photos/ --model C-RADIOv2-B --out all.npz
  cradio embed 'photos/*.jpg' --out photos.npy --batch 4
  cradio embed photos/ --out photos.parquet --features --out-dtype float16
  cradio embed photos/ --out photos.jsonl --resume
  curl -s https://example.org/a.jpg | cradio embed - --size 320x512`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "no IMAGE given: must be files, folders or patterns")
			}
			return nil
		},
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd)
	return cmd
}

func (f *embedFlags) add(cmd *cobra.Command) {
	f.model.add(cmd)
	f.size.add(cmd, "image size: card, native, N, HxW, short:N, long:N or pixels:N; see above (default card)")
	f.size.addExact(cmd)
	flags := cmd.Flags()
	flags.BoolVarP(&f.features, "features", "f", false, "also write the features of each patch, those of adaptors included")
	flags.StringVar(&f.layout, "layout", string(radio.NLC), "`AXES` of features: nlc (N, T, D) or nchw (N, D, rows, cols)")
	flags.StringArrayVar(&f.adaptors, "adaptor", nil, "also compute the outputs of the adaptor `NAME`; may be repeated")
	flags.StringVar(&f.intermediates, "intermediates", "", "also write the tokens of these `BLOCKS`, such as 3,7,-1 or last:4")
	flags.IntVarP(&f.batch, "batch", "b", 1, "batch size (images of one size)")
	flags.BoolVar(&f.fast, "fast-decode", false, fastHelp)
	flags.BoolVar(&f.orient, "orient", false, orientHelp)
	f.alpha.add(cmd)
	flags.Int64Var(&f.maxPixels, "max-pixels", image.DefaultMaxPixels, "reject images with more pixels")
	flags.BoolVar(&f.strict, "strict", false, "stop at the first image that fails")
	flags.BoolVar(&f.resume, "resume", false, "resume an interrupted run that writes .jsonl")
	flags.BoolVar(&f.json, "json", false, "print JSON: one line per image, or a report if --out is given")
	flags.StringVarP(&f.out, "out", "o", "", "write to `FILE`: "+strings.Join(output.Extensions, ", "))
	flags.StringVar(&f.outDType, "out-dtype", string(output.Float32), "`TYPE` of numbers: float32, float16, bfloat16 (.safetensors), float64 (with --dtype float64)")
	flags.StringVar(&f.missing, "missing", string(output.Skip), "failed images in .npy: skip (no row) or nan (a row of NaN)")
	flags.StringVar(&f.failures, "failures", "", "write failures to `FILE`, one JSON line each")
	complete(cmd, "out-dtype", "float32", "float16", "bfloat16", "float64")
	complete(cmd, "missing", string(output.Skip), string(output.NaN))
	complete(cmd, "layout", string(radio.NLC), string(radio.NCHW))
	complete(cmd, "intermediates", "last:1", "last:4")
	if err := cmd.MarkFlagFilename("out", "npy", "npz", "safetensors", "jsonl", "parquet"); err != nil {
		panic(err)
	}
	if err := cmd.RegisterFlagCompletionFunc("adaptor", f.completeAdaptor); err != nil {
		panic(err)
	}
}

func isNPY(path string) bool     { return strings.EqualFold(filepath.Ext(path), ".npy") }
func isParquet(path string) bool { return strings.EqualFold(filepath.Ext(path), ".parquet") }

// check returns an error for flags that cannot be combined.
func (f *embedFlags) check(cmd *cobra.Command) error {
	if err := f.alpha.check(cmd); err != nil {
		return err
	}
	switch {
	case f.layout != string(radio.NLC) && f.layout != string(radio.NCHW):
		return usage(cmd, "--layout %s: must be nlc or nchw", f.layout)
	case f.fast && f.size.exact:
		return usage(cmd, "--fast-decode and --exact contradict each other: exact pixels need full-size decoding; give one of them")
	case f.batch < 1:
		return usage(cmd, "--batch %d: must be at least 1", f.batch)
	case f.maxPixels < 1:
		return usage(cmd, "--max-pixels %d: must be at least 1", f.maxPixels)
	case f.resume && f.out == "":
		return usage(cmd, "--resume needs --out FILE.jsonl")
	case f.resume && f.json:
		return usage(cmd, "--resume and --json cannot be combined: the lines are in the file; leave out --json")
	case isNPY(f.out) && (len(f.adaptors) > 0 || f.intermediates != ""):
		return usage(cmd, "--out %s: an .npy file holds one array, so it cannot hold adaptors or intermediates; choose .npz", f.out)
	case f.missing != string(output.Skip) && f.missing != string(output.NaN):
		return usage(cmd, "--missing %s: must be skip or nan", f.missing)
	case f.missing == string(output.NaN) && !isNPY(f.out):
		return usage(cmd, "--missing nan: works only with .npy; the other formats store the path of each row")
	case f.failures != "" && f.failures == f.out:
		return usage(cmd, "--failures %s: is also the file of --out; choose another name", f.failures)
	}
	return f.checkDType(cmd)
}

// checkDType checks --out-dtype and replaces it by the name that files use.
func (f *embedFlags) checkDType(cmd *cobra.Command) error {
	d, err := output.ParseDType(f.outDType)
	if err != nil {
		return usage(cmd, "--out-dtype: %v", err)
	}
	f.outDType = d.String()
	switch {
	case f.out == "" && !f.json && d != output.Float32:
		return usage(cmd, "--out-dtype %s: needs --out or --json; give one of them", d)
	case d == output.Float64 && f.model.dtype != string(radio.Float64):
		return usage(cmd, "--out-dtype float64: the model computes in %s, which is no more precise than float32; add --dtype float64, or leave out --out-dtype", f.model.dtype)
	case d == output.BFloat16 && !strings.EqualFold(filepath.Ext(f.out), ".safetensors"):
		return usage(cmd, "--out-dtype bfloat16: only .safetensors can store it; choose .safetensors or float16")
	}
	return nil
}

// request lists the outputs to compute.
func (f *embedFlags) request(cmd *cobra.Command) (radio.Request, error) {
	req := radio.Request{NoFeatures: !f.features, Layout: radio.Layout(f.layout)}
	for _, name := range f.adaptors {
		if !slices.Contains(req.Adaptors, name) {
			req.Adaptors = append(req.Adaptors, name)
		}
	}
	if f.intermediates == "" {
		return req, nil
	}
	wrong := usage(cmd, `--intermediates %s: want blocks, as in 3,7,-1, or last:4`, f.intermediates)
	req.Intermediates = &radio.Intermediates{}
	if n, ok := strings.CutPrefix(f.intermediates, "last:"); ok {
		last, err := strconv.Atoi(n)
		if err != nil {
			return req, wrong
		}
		req.Intermediates.Last = last
		return req, nil
	}
	for text := range strings.SplitSeq(f.intermediates, ",") {
		i, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return req, wrong
		}
		req.Intermediates.Blocks = append(req.Intermediates.Blocks, i)
	}
	return req, nil
}

// settings describes every option that the numbers depend on. Options of the model, such as
// --align-corners and --vitdet-window, are part of its identity instead.
func (f *embedFlags) settings() string {
	s := fmt.Sprintf("%s orient=%t alpha=%s dtype=%s", f.size.settings(), f.orient, f.alpha, f.model.dtype)
	if f.fast {
		s += " fast-decode=true"
	}
	if f.features || f.intermediates != "" {
		s += fmt.Sprintf(" features=%t layout=%s", f.features, f.layout)
	}
	if len(f.adaptors) > 0 {
		s += " adaptors=" + strings.Join(f.adaptors, ",")
	}
	if f.intermediates != "" {
		s += " intermediates=" + f.intermediates
	}
	if f.outDType != string(output.Float32) { // lines of earlier versions have none
		s += " out-dtype=" + f.outDType
	}
	return s
}

// completeAdaptor completes the names of the model's adaptors.
func (f *embedFlags) completeAdaptor(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if c, err := checkpoint.ReadConfig(f.model.name); err == nil { // without a model there are no completions
		for _, a := range c.Adaptors {
			names = append(names, a.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeImages completes image files and folders.
func completeImages(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, e := range image.Extensions {
		list = append(list, strings.TrimPrefix(e, "."))
	}
	return list, cobra.ShellCompDirectiveFilterFileExt
}
