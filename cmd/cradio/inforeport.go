package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/image"
)

// infoReport is the output of `cradio info --json`.
type infoReport struct {
	Model         string   `json:"model"`
	Synthetic     bool     `json:"synthetic"`
	Backbone      string   `json:"backbone"`
	Version       string   `json:"version,omitempty"`
	Parameters    int      `json:"parameters"`
	Width         int      `json:"width"`
	Blocks        int      `json:"blocks"`
	Heads         int      `json:"heads"`
	Hidden        int      `json:"hidden"`
	LayerScale    bool     `json:"layer_scale"`
	ScaledNorms   bool     `json:"scaled_norms"`
	FinalNorm     bool     `json:"final_norm"`
	Patch         int      `json:"patch"`
	Step          int      `json:"step"`
	Grid          int      `json:"position_table"`
	AlignCorners  bool     `json:"align_corners"`
	AlignFrom     string   `json:"align_corners_from"`
	MaxResolution int      `json:"max_resolution"`
	Preferred     [2]int   `json:"preferred_resolution"`
	Window        int      `json:"vitdet_window"`
	ClassTokens   int      `json:"class_tokens"`
	Registers     int      `json:"registers"`
	Teachers      []string `json:"teachers"`
	SummaryIdxs   []int    `json:"summary_idxs"`
	SummaryWidth  int      `json:"summary_width"`
	Adaptors      []string `json:"adaptors"`
	Normaliser    bool     `json:"feature_normalizer"`
	InterNorm     bool     `json:"inter_feature_normalizer"`
	Preprocessing string   `json:"preprocessing"`
	Layout        string   `json:"layout"`           // how the files name tensors
	At            string   `json:"config,omitempty"` // the part of config.json that describes the model, if not the whole
	Ignored       []string `json:"ignored"`          // fields of the configuration that do not change the features
	Cost          costs    `json:"cost"`
	PackFile      string   `json:"pack,omitempty"` // the packed weights on disk that are in use
	Plan          string   `json:"plan,omitempty"`
}

// costs are those of one forward pass; memory is in bytes.
type costs struct {
	Batch        int    `json:"batch"`
	Height       int    `json:"height"`
	Width        int    `json:"width"`
	Rows         int    `json:"rows"`
	Cols         int    `json:"cols"`
	Tokens       int    `json:"tokens"` // of one image, class and register tokens included
	FLOPs        int64  `json:"flops"`  // of the whole batch
	Instructions int    `json:"instructions"`
	Weights      int    `json:"weights_bytes"`
	Packed       int    `json:"packed_bytes"`
	Arena        int    `json:"arena_bytes"`
	Machine      string `json:"machine"`
}

func describe(m *radio.Model, name string, synthetic bool) infoReport {
	c := m.Config()
	r := infoReport{
		Model: name, Synthetic: synthetic, Backbone: c.Model, Version: c.Version, Parameters: m.Params(),
		Width: c.Width, Blocks: c.Depth, Heads: c.Heads, Hidden: c.Hidden,
		LayerScale: c.LayerScale, ScaledNorms: c.ScaledLN, FinalNorm: c.ModelNorm,
		Patch: c.Patch, Step: c.Step(), Grid: c.Grid, AlignCorners: c.AlignCorners, AlignFrom: c.AlignFrom,
		MaxResolution: c.MaxResolution, Preferred: c.PreferredResolution, Window: c.Window,
		ClassTokens: c.NumClasses, Registers: c.Registers, Teachers: c.Teachers,
		SummaryIdxs: c.SummaryIdxs, SummaryWidth: c.SummaryWidth(), Adaptors: []string{},
		Normaliser: c.FeatureNormalizer > 0, InterNorm: c.InterNormalizer != nil,
		Preprocessing: preprocessing(m.Processor()), Layout: m.Layout(), At: c.At, Ignored: c.Ignored,
	}
	if p := m.Pack(); p != nil {
		r.PackFile = p.Path
	}
	for _, a := range c.Adaptors {
		r.Adaptors = append(r.Adaptors, a.Name)
	}
	return r
}

func cost(m *radio.Model, batch, h, w int, plan *graph.Program) costs {
	c := m.Config()
	k := costs{
		Batch: batch, Height: h, Width: w, Rows: h / c.Patch, Cols: w / c.Patch,
		Tokens: c.Tokens(h, w) + c.Prefix(), FLOPs: int64(plan.FLOPs()),
		Instructions: len(plan.Instructions()), Arena: plan.ArenaBytes(), Packed: plan.PackedBytes(), Machine: plan.Device().String(),
	}
	for _, weight := range m.Weights() {
		k.Weights += weight.Shape().TotalSize() * int(weight.Dtype().Size())
	}
	return k
}

// preprocessing describes a processor in words.
func preprocessing(p *image.Processor) string {
	var steps []string
	switch { // the call on the model card resizes, whatever do_resize is
	case p.ShortestEdge > 0 && p.LongestEdge > 0:
		steps = append(steps, fmt.Sprintf("resize the shorter edge to %d, the longer one to at most %d (%v)", p.ShortestEdge, p.LongestEdge, p.Resample))
	case p.ShortestEdge > 0:
		steps = append(steps, fmt.Sprintf("resize the shorter edge to %d (%v)", p.ShortestEdge, p.Resample))
	case p.LongestEdge > 0:
		steps = append(steps, fmt.Sprintf("resize the longer edge to %d (%v)", p.LongestEdge, p.Resample))
	case p.Height > 0:
		steps = append(steps, fmt.Sprintf("resize to %d×%d (%v)", p.Height, p.Width, p.Resample))
	}
	if p.DoCenterCrop {
		steps = append(steps, fmt.Sprintf("crop %d×%d from the centre", p.CropHeight, p.CropWidth))
	}
	if p.DoRescale {
		steps = append(steps, fmt.Sprintf("multiply by %.6g", p.RescaleFactor))
	}
	if p.DoNormalize {
		steps = append(steps, fmt.Sprintf("normalise by mean %.4g and deviation %.4g", p.ImageMean, p.ImageStd))
	}
	return cmp.Or(strings.Join(steps, ", "), "none")
}

// layout describes how the files name tensors, and which part of config.json describes the model.
func layout(r *infoReport) string {
	if r.At == "" {
		return r.Layout
	}
	return fmt.Sprintf("%s; described by %s of config.json", r.Layout, r.At)
}

// ignored counts the fields of the configuration that do not change the features.
func ignored(paths []string) string {
	if len(paths) == 0 {
		return "every field is used"
	}
	training := 0
	for _, p := range paths {
		if strings.HasPrefix(p, "args.") || strings.Contains(p, ".args.") {
			training++
		}
	}
	return fmt.Sprintf("%s ignored, %s too (--json lists them)", count(training, "training argument"), count(len(paths)-training, "other field"))
}

func (r *infoReport) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	if r.Synthetic {
		line("model", "%s, synthetic weights: the features carry no meaning", r.Model)
	} else {
		line("model", "%s", r.Model)
	}
	line("backbone", "%s, version %q", r.Backbone, r.Version)
	line("parameters", "%.1f million", float64(r.Parameters)/1e6)
	line("blocks", "%d of width %d, %d heads of %d, MLP of %d", r.Blocks, r.Width, r.Heads, r.Width/r.Heads, r.Hidden)
	line("norms", "LayerScale %s, scaled norms %s, final norm %s", yes(r.LayerScale), yes(r.ScaledNorms), yes(r.FinalNorm))
	line("patches", "%d×%d pixels, sizes in multiples of %d", r.Patch, r.Patch, r.Step)
	line("positions", "embeddings for %d×%d patches, align_corners %t (%s), extrapolated above %d pixels", r.Grid, r.Grid, r.AlignCorners, r.AlignFrom, r.MaxResolution)
	if r.Window > 0 {
		line("windows", "%d×%d patches in most blocks (ViTDet)", r.Window, r.Window)
	}
	line("tokens", "%d class, %d register, then the patches", r.ClassTokens, r.Registers)
	line("teachers", "%s", strings.Join(r.Teachers, ", "))
	line("summary", "%d numbers, class tokens %v", r.SummaryWidth, r.SummaryIdxs)
	line("adaptors", "%s", cmp.Or(strings.Join(r.Adaptors, ", "), "none"))
	line("normalisers", "features %s, intermediates %s", yes(r.Normaliser), yes(r.InterNorm))
	line("preprocessing", "%s", r.Preprocessing)
	line("layout", "%s", layout(r))
	line("configuration", "%s", ignored(r.Ignored))
	w.Flush()

	c := r.Cost
	fmt.Fprintf(out, "\nAt %d×%d pixels, batch %d, on %s:\n", c.Height, c.Width, c.Batch, c.Machine)
	line("tokens", "%d: %d×%d patches and %d more", c.Tokens, c.Rows, c.Cols, c.Tokens-c.Rows*c.Cols)
	line("output", "summary (%d, %d), features (%d, %d, %d)", c.Batch, r.SummaryWidth, c.Batch, c.Rows*c.Cols, r.Width)
	line("operations", "%.4g GFLOP", float64(c.FLOPs)/1e9)
	line("weights", "%s", bytesText(c.Weights))
	switch {
	case c.Packed == 0:
		line("packed", "not needed at this level")
	case r.PackFile != "":
		line("packed", "%s, mapped from %s (replaces the weights)", bytesText(c.Packed), r.PackFile)
	default:
		line("packed", "%s after first use (replaces the originals)", bytesText(c.Packed))
	}
	line("arena", "%s, for %d instructions", bytesText(c.Arena), c.Instructions)
	w.Flush()
}

func yes(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

// bytesText is a number of bytes in KiB or MiB.
func bytesText(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
