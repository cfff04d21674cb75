package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cradio/radio"

	"github.com/spf13/cobra"
)

// modelFlags say which model to open, and how.
type modelFlags struct {
	name    string
	dtype   string
	threads int
	align   string
	window  int
	packs   string
	noPack  bool
	offline bool
}

func (f *modelFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.name, "model", "m", radio.SyntheticPrefix+"B",
		"`MODEL`: a name on the Hugging Face hub, such as nvidia/C-RADIOv2-B; the folder or file of a checkpoint; or a synthetic model: "+strings.Join(syntheticModels(), ", "))
	flags.BoolVar(&f.offline, "offline", false, "download nothing: a model of the hub has to be in the cache (see cradio pull)")
	addDType(cmd, &f.dtype)
	flags.IntVar(&f.threads, "threads", 0, "cores to use (default all)")
	flags.StringVar(&f.align, "align-corners", "auto", "how the position table is resized: auto (as the checkpoint says), true or false")
	flags.IntVar(&f.window, "vitdet-window", 0, "run most blocks in windows of so many patches a side, for large pictures")
	flags.StringVar(&f.packs, "packs", "", "folder `DIR` of packed weights (default that of the checkpoint; see cradio pack)")
	flags.BoolVar(&f.noPack, "no-pack", false, "leave packed weights on disk alone")
	complete(cmd, "align-corners", "auto", "true", "false")
	if err := cmd.RegisterFlagCompletionFunc("model", completeModel); err != nil {
		panic(err)
	}
}

// addDType adds --dtype, with the names of the precisions.
func addDType(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "dtype", string(radio.Float32),
		"precision of the computation: float32; bfloat16 or int8, faster and less exact; or float64 (slow, twice the memory)")
	var names []string
	for _, d := range radio.DTypes() {
		names = append(names, string(d))
	}
	complete(cmd, "dtype", names...)
}

// open opens the model, and says so if its weights are synthetic.
func (f *modelFlags) open(cmd *cobra.Command) (*radio.Model, error) {
	opt := radio.Options{DType: radio.DType(f.dtype), Threads: f.threads, ViTDet: radio.ViTDet{Window: f.window}, PackDir: f.packs, NoPack: f.noPack}
	if err := opt.DType.Check(); err != nil {
		return nil, usage(cmd, "--dtype: %v", err)
	}
	if f.threads < 0 {
		return nil, usage(cmd, "--threads %d: wants 1 or more, or 0 for all cores", f.threads)
	}
	if f.window < 0 {
		return nil, usage(cmd, "--vitdet-window %d: wants 1 or more patches", f.window)
	}
	if f.align != "auto" {
		v, err := strconv.ParseBool(f.align)
		if err != nil {
			return nil, usage(cmd, "--align-corners %s: wants auto, true or false", f.align)
		}
		opt.AlignCorners = &v
	}
	client, err := newHub(f.offline)
	if err != nil {
		return nil, err
	}
	bars := newPullProgress(cmd.ErrOrStderr())
	client.Progress = bars.event
	opt.Hub = client
	m, err := radio.Open(cmd.Context(), f.name, opt)
	bars.stop()
	if err != nil {
		return nil, err
	}
	if f.synthetic() {
		fmt.Fprintf(cmd.ErrOrStderr(), "cradio: warning: %s has synthetic weights: the features carry no meaning; give --model the folder of a checkpoint\n", f.name)
	}
	return m, nil
}

// synthetic says whether the weights are: by the model's name, or because
// `cradio synth` wrote the folder.
func (f *modelFlags) synthetic() bool {
	if strings.HasPrefix(f.name, radio.SyntheticPrefix) {
		return true
	}
	var config struct {
		Name string `json:"_name_or_path"`
	}
	data, err := os.ReadFile(filepath.Join(f.name, "config.json"))
	return err == nil && json.Unmarshal(data, &config) == nil && strings.HasPrefix(config.Name, radio.SyntheticPrefix)
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

// completeModel offers the synthetic models and the folders that begin as
// typed; those without a config.json end in a separator, to go on from.
func completeModel(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, name := range syntheticModels() {
		if strings.HasPrefix(name, typed) {
			list = append(list, name)
		}
	}
	found, _ := filepath.Glob(typed + "*") // a bad pattern has no completions
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
