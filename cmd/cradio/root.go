package main

import (
	"fmt"
	"log/slog"
	"strings"

	"cradio/radio"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newRoot returns the root command, with all others below it.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:     "cradio",
		Short:   "Image embeddings with NVIDIA's C-RADIO",
		Version: readVersion().long(),
		Long: `cradio computes image embeddings with NVIDIA's C-RADIO vision transformers, on the
CPU: a summary vector of each image, and a feature vector for each of its patches.

  cradio embed photo.jpg --model nvidia/C-RADIOv2-B

downloads the model from the Hugging Face hub once, into the cache that Python uses
too. Without --model the weights are synthetic: everything runs offline at the real
model's speed, but the features carry no meaning.

Models (--model):
  nvidia/C-RADIOv2-B      a name on the Hugging Face hub; also ORG/NAME@REVISION
  C-RADIOv2-B/            the folder of a checkpoint, or its file
  synthetic:NAME          synthetic weights; NAME is one of: ` + strings.Join(radio.SyntheticNames(), ", ") + `

Environment:
  HF_HUB_CACHE, HF_HOME   the cache of models (~/.cache/huggingface/hub)
  HF_TOKEN                the token for private and gated models
  HF_ENDPOINT             another hub, or a mirror
  HF_HUB_OFFLINE          1: download nothing, like --offline
  HTTPS_PROXY, NO_PROXY   proxies
  CRADIO_CPU              the highest CPU level to use: plain, portable, avx2, avxvnni,
                          avx512, avx512bf16 or amx (see cradio version)
  NO_COLOR                any value: no colours on a terminal

In cmd.exe, use double quotes: cradio embed "photos\*.jpg". cradio expands the pattern.`,
		Example: `  cradio embed photo.jpg --model nvidia/C-RADIOv2-B     embed one image
  cradio embed photos/ --out all.npz                     embeddings of a folder, for NumPy
  cradio index photos/                                   then: cradio search photos/ query.jpg
  cradio pca photo.jpg --out pca.png                     an image of the features
  cradio train classify photos/ --out run                a classifier, of a folder for each class
  cradio predict run new/                                what it says of other images
  cradio info --model nvidia/C-RADIOv2-L --size 512      size, cost and plan of a model
  cradio pack C-RADIOv2-B                                cache packed weights for faster start-up`,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: maxDistance,
		Args:                       noSuchCommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	level := root.PersistentFlags().String("log-level", "info", "lowest level of log messages on standard error: debug, info, warn or error")
	complete(root, "log-level", "debug", "info", "warn", "error")
	silent := root.PersistentFlags().BoolP("quiet", "q", false, "print only warnings and errors on standard error; no progress bars")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if *silent && !cmd.Flags().Changed("log-level") {
			*level = "warn"
		}
		if err := setLog(cmd, *level); err != nil {
			return err
		}
		return noneEmpty(cmd)
	}
	root.AddCommand(
		newEmbedCmd(), newPCACmd(), newSimilarCmd(), newClustersCmd(), newAttentionCmd(),
		newIndexCmd(), newSearchCmd(), newDupsCmd(), newZeroshotCmd(), newTextCmd(), newTokenizeCmd(),
		newFeaturesCmd(), newTrainCmd(), newPredictCmd(), newEvalCmd(),
		newInfoCmd(), newPackCmd(), newPullCmd(), newModelsCmd(), newSynthCmd(), newCompareCmd(),
		newConformanceCmd(), newBenchCmd(), newManCmd(), newVersionCmd(),
	)
	return root
}

// setLog sets up the log of the program.
func setLog(cmd *cobra.Command, level string) error {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
		return usage(cmd, "--log-level %s: must be debug, info, warn or error", level)
	}
	slog.SetDefault(slog.New(newVoice(cmd.ErrOrStderr(), l)))
	return nil
}

// say prints a line on standard error, unless --quiet is set.
func say(format string, args ...any) { slog.Info(fmt.Sprintf(format, args...)) }

// noneEmpty returns an error for a flag with an empty value, such as an unset shell
// variable. Otherwise it would silently mean the default. A seed may be empty.
func noneEmpty(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" && f.Name != "seed" && err == nil {
			err = usage(cmd, `--%s "": is empty; give a value, or leave the flag out`, f.Name)
		}
	})
	return err
}

// complete sets the completions of a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag does not exist
	}
}

// usage is an error in the command line.
func usage(cmd *cobra.Command, format string, args ...any) error {
	return fmt.Errorf("%s; see '%s --help'", fmt.Sprintf(format, args...), cmd.CommandPath())
}
