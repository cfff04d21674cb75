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

// embedFlags are the choices of `cradio embed`.
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
		Short: "Features of images, to the terminal or to a file",
		Long: `embed runs the model on images: JPEG, PNG, GIF, BMP, TIFF and WebP.

An IMAGE is a file; a folder, which is searched at any depth, hidden ones left out and
links followed; a pattern such as 'photos/*.jpg' or 'photos/**/*.{jpg,png}', where **
stands for any number of folders; - for an image on standard input; or @FILE for the
files and folders that a list names, one a line or with a NUL after each, in UTF-8 or
UTF-16 (@- from standard input). In folders and patterns images are known by their
extensions, and what is left out is counted; a file given by its name is always read.

` + sizeHelp + `

They are computed --batch at a time, and come out in the order given. Transparent ones
are put on white, as transformers does, or with --alpha drop lose their transparency,
as with Pillow's convert("RGB").

Without --out each image's summary is printed in short, or with --json in full,
one JSON object a line; an image that fails then has a line with "error" and "kind".
With --out FILE the extension says what is written, N images, summaries of C numbers,
T patches of D. Every file holds the summaries, and with --features the spatial
features too, which are a few hundred times as large: the size is said before work begins.

  .npy          one array: summary (N, C), or with --features features (N, T, D);
                FILE.npy.json beside it has the paths of the rows and all the rest
  .npz          summary and features, adaptor.NAME.summary and .features,
                intermediate.BLOCK.features, paths, sizes (N, 2) that the model saw,
                original_sizes (N, 2), grid (N, 2), and in texts what is below
  .safetensors  the same; paths and texts are in the metadata
  .jsonl        an object a line, as with --json
  .parquet      a row an image: path, height and width of its file, input_height,
                input_width, rows, cols, summary, the other arrays under the names
                above, each a list of numbers, and error, which is null but for images
                that failed; texts are in the metadata, and widths, the numbers of a
                patch; path_base64 is null but for paths that are not UTF-8

Every file says model, identity (the SHA-256 of weights, configuration and
preprocessor), settings, dtype, layout, whether weights are synthetic, and the version
of cradio. If images differ in size, .npz and .safetensors hold an array of features
for each, features.0 (T, D), features.1 and so on, the number being the row of its
path; .npy refuses. --out-dtype says how numbers are rounded: float32; float16, half the
size; bfloat16 for .safetensors; float64 of a model that computes in it. An image that
gives NaN or infinity fails, and so does one whose numbers float16 cannot hold.
Bytes of a path that are not UTF-8 become U+FFFD in JSON, which then has the path in
base64 too: path_base64.

The file appears when it is complete, and not before; a run that is interrupted
leaves none. Temporary files in its folder take as much room as the file meanwhile.
With --resume a .jsonl run keeps its lines in FILE.partial as they are computed: the
same command goes on from there, and from FILE itself if that exists, so that
images which failed or were added are computed and no other. FILE may come from a run
without --resume. The model is the same if its weights, configuration and preprocessor
are, wherever its folder lies; lines of another one, or of other settings, are refused.
An image is known by its path: remove the line of one whose file was changed.
Lines of images that are no longer among the inputs are left out. Nothing is lost and
nothing doubled: the file is the one that a run in one go would have written.

An image that cannot be read is reported and left out, and so is a folder, or with
--strict ends the run, and then no file is written. --failures FILE writes a JSON line
for each, with path, error and kind: format, damaged, too-large, missing, permission,
read, not-finite or other. .parquet has a row for each; --missing nan gives each image
a row of NaN in .npy, so that row i is input i.

Exit status: 0 all images have features, 1 some failed, 2 the command line is wrong
or a file could not be read or written, 130 interrupted.`,
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
	f.size.add(cmd, "how images are resized: card, native, N, HxW, short:N, long:N or pixels:N (default card, as preprocessor_config.json says)")
	f.size.addExact(cmd)
	flags := cmd.Flags()
	flags.BoolVarP(&f.features, "features", "f", false, "spatial features too, of adaptors as well")
	flags.StringVar(&f.layout, "layout", string(radio.NLC), "`AXES` of spatial features: nlc, tokens row by row, or nchw")
	flags.StringArrayVar(&f.adaptors, "adaptor", nil, "run the heads of the teacher `NAME` too; may be given several times")
	flags.StringVar(&f.intermediates, "intermediates", "", "tokens after these `BLOCKS` too: 3,7,-1 or last:4")
	flags.IntVarP(&f.batch, "batch", "b", 1, "batch size (images of one size)")
	flags.BoolVar(&f.fast, "fast-decode", false, "read JPEG files no finer than the model needs, as Pillow's draft mode does: faster, slightly different pixels")
	flags.BoolVar(&f.orient, "orient", false, "turn images as their EXIF orientation says (Python's pipeline does not)")
	f.alpha.add(cmd)
	flags.Int64Var(&f.maxPixels, "max-pixels", image.DefaultMaxPixels, "refuse images of more pixels")
	flags.BoolVar(&f.strict, "strict", false, "stop at the first image that cannot be read")
	flags.BoolVar(&f.resume, "resume", false, "go on with a .jsonl file that was interrupted")
	flags.BoolVar(&f.json, "json", false, "print JSON: a line for each image, or with --out a report")
	flags.StringVarP(&f.out, "out", "o", "", "write to `FILE`: "+strings.Join(output.Extensions, ", "))
	flags.StringVar(&f.outDType, "out-dtype", string(output.Float32), "`TYPE` of the numbers that are written: float32, float16, bfloat16 (.safetensors) or float64 (with --dtype float64)")
	flags.StringVar(&f.missing, "missing", string(output.Skip), "an image that failed in .npy: skip leaves its row out, nan makes it NaN")
	flags.StringVar(&f.failures, "failures", "", "write a JSON line to `FILE` for each image that failed")
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

// check refuses flags that do not go together.
func (f *embedFlags) check(cmd *cobra.Command) error {
	if err := f.alpha.check(cmd); err != nil {
		return err
	}
	switch {
	case f.layout != string(radio.NLC) && f.layout != string(radio.NCHW):
		return usage(cmd, "--layout %s: want nlc or nchw", f.layout)
	case f.fast && f.size.exact:
		return usage(cmd, "--fast-decode and --exact contradict each other: exact pixels need whole images")
	case f.batch < 1:
		return usage(cmd, "--batch %d: must be at least 1", f.batch)
	case f.maxPixels < 1:
		return usage(cmd, "--max-pixels %d: must be at least 1", f.maxPixels)
	case f.resume && f.out == "":
		return usage(cmd, "--resume needs --out FILE.jsonl")
	case f.resume && f.json:
		return usage(cmd, "--resume and --json do not go together: the lines are in the file")
	case isNPY(f.out) && (len(f.adaptors) > 0 || f.intermediates != ""):
		return usage(cmd, "--out %s: an .npy file holds one array, and adaptors and intermediates are more; choose .npz", f.out)
	case f.missing != string(output.Skip) && f.missing != string(output.NaN):
		return usage(cmd, "--missing %s: must be skip or nan", f.missing)
	case f.missing == string(output.NaN) && !isNPY(f.out):
		return usage(cmd, "--missing nan is of .npy files: the others hold the paths of their rows")
	case f.failures != "" && f.failures == f.out:
		return usage(cmd, "--failures %s: is the file of --out; choose another name", f.failures)
	}
	return f.checkDType(cmd)
}

// checkDType makes --out-dtype the name that the files have, or refuses it.
func (f *embedFlags) checkDType(cmd *cobra.Command) error {
	d, err := output.ParseDType(f.outDType)
	if err != nil {
		return usage(cmd, "--out-dtype: %v", err)
	}
	f.outDType = d.String()
	switch {
	case f.out == "" && !f.json && d != output.Float32:
		return usage(cmd, "--out-dtype %s: is of --out and --json; give one of them", d)
	case d == output.Float64 && f.model.dtype != string(radio.Float64):
		return usage(cmd, "--out-dtype float64: the model computes in %s, and has no more digits than float32; add --dtype float64, or leave it", f.model.dtype)
	case d == output.BFloat16 && !strings.EqualFold(filepath.Ext(f.out), ".safetensors"):
		return usage(cmd, "--out-dtype bfloat16: is a type of .safetensors alone; choose that, or float16")
	}
	return nil
}

// request is what the model is asked for.
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

// settings is everything that the numbers depend on but the model: its identity tells
// that, with --align-corners and --vitdet-window.
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

// completeAdaptor offers the adaptors of the model.
func (f *embedFlags) completeAdaptor(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if c, err := checkpoint.ReadConfig(f.model.name); err == nil { // without a model there is nothing to offer
		for _, a := range c.Adaptors {
			names = append(names, a.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeImages offers image files and folders.
func completeImages(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, e := range image.Extensions {
		list = append(list, strings.TrimPrefix(e, "."))
	}
	return list, cobra.ShellCompDirectiveFilterFileExt
}
