package main

import (
	"cmp"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"cradio/loader/hub"
	"cradio/radio"

	"github.com/spf13/cobra"
)

// modelFlags select the model, and how to open it.
type modelFlags struct {
	name    string
	dtype   string
	device  string
	threads int
	align   string
	window  int
	packs   string
	noPack  bool
	offline bool
	path    string // path of the model, set by locate
	small   int    // see radio.Options.Small
	adapter string // see radio.Options.Adapter
}

func (f *modelFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.name, "model", "m", radio.SyntheticPrefix+"B",
		"`MODEL`: a hub name, a checkpoint (folder or file), or synthetic:NAME; see cradio --help")
	flags.BoolVar(&f.offline, "offline", false, "download nothing; a model of the hub must be in the cache (see cradio pull)")
	addDType(cmd, &f.dtype)
	addDevice(cmd, &f.device)
	flags.IntVar(&f.threads, "threads", 0, "cores to use (default all fast ones)")
	flags.StringVar(&f.align, "align-corners", "auto", "resizing of position embeddings: auto (as the checkpoint says), true or false")
	flags.IntVar(&f.window, "vitdet-window", 0, "ViTDet: attention windows of N×N patches, for large images (default off)")
	flags.StringVar(&f.packs, "packs", "", "folder `DIR` of packed weights; see cradio pack (default that of the checkpoint)")
	flags.BoolVar(&f.noPack, "no-pack", false, "do not use packed weights")
	complete(cmd, "align-corners", "auto", "true", "false")
	if err := cmd.RegisterFlagCompletionFunc("model", completeModel); err != nil {
		panic(err)
	}
}

// addDType adds --dtype, with the names of the precisions.
func addDType(cmd *cobra.Command, to *string) {
	*to = string(radio.Float32)
	cmd.Flags().Var((*dtypeFlag)(to), "dtype",
		"precision: float32, bfloat16 or int8 (less exact; see cradio version), float64 (slow), tf32 (NVIDIA GPUs from 8.0 on)")
	var names []string
	for _, d := range radio.DTypes() {
		names = append(names, string(d))
	}
	complete(cmd, "dtype", names...)
}

// dtypeFlag is a precision. It accepts common aliases, such as fp32.
type dtypeFlag string

var dtypeAliases = map[string]radio.DType{
	"fp32": radio.Float32, "f32": radio.Float32, "float": radio.Float32, "bf16": radio.BFloat16, "i8": radio.Int8, "fp64": radio.Float64, "f64": radio.Float64, "double": radio.Float64,
}

// String, Set and Type make it a flag.
func (f *dtypeFlag) String() string { return string(*f) }

// Set resolves aliases. Opening the model checks the name.
func (f *dtypeFlag) Set(text string) error {
	*f = dtypeFlag(text)
	if d, ok := dtypeAliases[strings.ToLower(text)]; ok {
		*f = dtypeFlag(d)
	}
	return nil
}

// Type names the value in help.
func (f *dtypeFlag) Type() string { return "string" }

// options returns how to open the model.
func (f *modelFlags) options(cmd *cobra.Command) (opt radio.Options, err error) {
	opt = radio.Options{Device: f.device, DType: radio.DType(f.dtype), Threads: f.threads, ViTDet: radio.ViTDet{Window: f.window}, PackDir: f.packs, NoPack: f.noPack, FreeMemory: debug.FreeOSMemory, Small: f.small, Adapter: f.adapter}
	if err := opt.DType.Check(); err != nil {
		return opt, usage(cmd, "--dtype: %v", err)
	}
	if err := checkDevice(cmd, f.device); err != nil {
		return opt, err
	}
	if f.threads < 0 {
		return opt, usage(cmd, "--threads %d: must be at least 1, or 0 for all cores", f.threads)
	}
	if f.window < 0 {
		return opt, usage(cmd, "--vitdet-window %d: must be at least 1 patch", f.window)
	}
	if f.align != "auto" {
		v, err := strconv.ParseBool(f.align)
		if err != nil {
			return opt, usage(cmd, "--align-corners %s: must be auto, true or false", f.align)
		}
		opt.AlignCorners = &v
	}
	return opt, nil
}

// open opens the model, and warns if its weights are synthetic.
func (f *modelFlags) open(cmd *cobra.Command) (*radio.Model, error) {
	opt, err := f.options(cmd)
	if err != nil {
		return nil, err
	}
	if err := f.locate(cmd); err != nil {
		return nil, err
	}
	m, err := radio.Open(cmd.Context(), f.path, opt)
	if err != nil {
		return nil, err
	}
	debug.FreeOSMemory() // headers and configuration were parsed
	if m.Synthetic() {
		slog.Warn(shown(f.name) + " has synthetic weights: the features carry no meaning; give --model the name or the folder of a checkpoint")
	}
	return m, nil
}

// locate finds the model on disk. A model of the hub is downloaded first if it is not in
// the cache.
func (f *modelFlags) locate(cmd *cobra.Command) (err error) {
	if f.path != "" {
		return nil
	}
	f.path, err = locate(cmd, f.name, f.offline)
	return err
}

// locate returns the path of a model.
func locate(cmd *cobra.Command, name string, offline bool) (path string, err error) {
	return locateWith(cmd, name, offline, func(client *hub.Client) (string, error) { return client.Resolve(cmd.Context(), name) })
}

// locateText returns the folder of a text tower.
func locateText(cmd *cobra.Command, name string, offline bool) (path string, err error) {
	return locateWith(cmd, name, offline, func(client *hub.Client) (string, error) {
		repo, _ := client.Parse(name) // it is a name, or locateWith had taken it for a path
		repo.Text, repo.File = true, ""
		s, err := client.Snapshot(cmd.Context(), repo)
		return s.Dir, err
	})
}

// locateWith finds what resolve finds, unless name is a path.
func locateWith(cmd *cobra.Command, name string, offline bool, resolve func(*hub.Client) (string, error)) (path string, err error) {
	if !radio.OnHub(name) {
		return name, nil
	}
	client, err := newHub(offline)
	if err != nil {
		return "", err
	}
	bars := newPullProgress(cmd.ErrOrStderr())
	client.Progress = bars.event
	path, err = resolve(client)
	bars.stop()
	return path, err
}

// syntheticModels lists the names, smallest first.
func syntheticModels() []string {
	names := radio.SyntheticNames()
	order := []string{"nano", "B", "L", "H", "g"}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(slices.Index(order, a), slices.Index(order, b)) })
	for i := range names {
		names[i] = radio.SyntheticPrefix + names[i]
	}
	return names
}

// completeModel completes the names of synthetic models and folders. A folder without a
// config.json ends in a separator, so that its subfolders can be completed.
func completeModel(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, name := range syntheticModels() {
		if strings.HasPrefix(name, typed) {
			list = append(list, name)
		}
	}
	found, _ := filepath.Glob(typed + "*") // a bad pattern has no matches
	for _, path := range found {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			continue
		}
		if _, err := os.Stat(filepath.Join(path, "config.json")); err != nil {
			path += string(filepath.Separator)
		}
		list = append(list, path)
	}
	return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
