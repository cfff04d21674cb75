package main

import (
	"cmp"

	"cradio/radio/train"

	"github.com/spf13/cobra"
)

// loraFlags are the options of train that describe adapters.
type loraFlags struct {
	rank    int
	alpha   float64
	targets []string
}

func (f *loraFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&f.rank, "lora", 0, "train adapters of this rank")
	flags.Float64Var(&f.alpha, "lora-alpha", 0, "scale of the adapters: what they add is multiplied by alpha / rank (default the rank)")
	flags.StringSliceVar(&f.targets, "lora-targets", []string{"qkv", "proj"}, "what has adapters: some of qkv, proj, fc1, fc2, in all blocks")
}

// check returns an error for flags that cannot be combined.
func (f *loraFlags) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	switch {
	case f.rank < 0 || given("lora") && f.rank == 0:
		return usage(cmd, "--lora %d: must be at least 1", f.rank)
	case f.rank == 0 && (given("lora-alpha") || given("lora-targets")):
		return usage(cmd, "--lora-alpha and --lora-targets are of adapters: give --lora RANK")
	case f.alpha < 0 || given("lora-alpha") && f.alpha == 0:
		return usage(cmd, "--lora-alpha %g: must be above 0", f.alpha)
	}
	return nil
}

// adapters are what the flags ask for, nil for none.
func (f *loraFlags) adapters() *train.LoRA {
	if f.rank == 0 {
		return nil
	}
	return &train.LoRA{Rank: f.rank, Alpha: cmp.Or(f.alpha, float64(f.rank)), Targets: f.targets}
}
