package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newRoot is the whole command line.
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

Environment:
  HF_HUB_CACHE, HF_HOME   the cache of models (~/.cache/huggingface/hub)
  HF_TOKEN                the token for private and gated models
  HF_ENDPOINT             another hub, or a mirror
  HF_HUB_OFFLINE          1: download nothing, as --offline
  HTTPS_PROXY, NO_PROXY   proxies
  CRADIO_CPU              use only these instructions: plain, avx2, avxvnni, avx512,
                          avx512bf16 or amx (see cradio version)
  NO_COLOR                any value: no colours on a terminal

In cmd.exe quotes are double: cradio embed "photos\*.jpg". Patterns are expanded by
cradio itself.`,
		Example: `  cradio embed photo.jpg --model nvidia/C-RADIOv2-B     embed one image
  cradio embed photos/ --out all.npz                     embeddings of a folder, for NumPy
  cradio pca photo.jpg --out pca.png                     an image of the features
  cradio info --model nvidia/C-RADIOv2-L --size 512      size, cost and plan of a model
  cradio pack C-RADIOv2-B                                cache packed weights for faster start-up`,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		Args:                       noSuchCommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())
	})
	level := root.PersistentFlags().String("log-level", "info", "what to log on standard error: debug, info, warn or error")
	complete(root, "log-level", "debug", "info", "warn", "error")
	silent := root.PersistentFlags().BoolP("quiet", "q", false, "say nothing but warnings and errors on standard error; no progress bars")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if *silent && !cmd.Flags().Changed("log-level") {
			*level = "warn"
		}
		if err := setLog(cmd, *level); err != nil {
			return err
		}
		return noneEmpty(cmd)
	}
	root.AddCommand(newEmbedCmd(), newInfoCmd(), newPCACmd(), newSimilarCmd(), newClustersCmd(), newAttentionCmd(), newCompareCmd(), newPackCmd(), newPullCmd(), newModelsCmd(), newSynthCmd(), newConformanceCmd(), newBenchCmd(), newManCmd(), newVersionCmd())
	return root
}

// setLog makes the voice of the whole program.
func setLog(cmd *cobra.Command, level string) error {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
		return usage(cmd, "--log-level %s: want debug, info, warn or error", level)
	}
	slog.SetDefault(slog.New(newVoice(cmd.ErrOrStderr(), l)))
	return nil
}

// say tells something on standard error, unless that is to be quiet.
func say(format string, args ...any) { slog.Info(fmt.Sprintf(format, args...)) }

// noSuchCommand refuses arguments of the program itself, and offers what may be meant.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = ": did you mean " + strings.Join(near, " or ") + "?"
	} else if _, err := os.Stat(args[0]); err == nil {
		hint = fmt.Sprintf(": did you mean cradio embed %s?", shown(args[0]))
	}
	return usage(cmd, "no command %q%s", args[0], hint)
}

// noneEmpty refuses flags with an empty text, as of a shell's variable that is not set: it
// would be taken for the default. A seed may be any text.
func noneEmpty(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" && f.Name != "seed" && err == nil {
			err = usage(cmd, `--%s "": is empty; give a value, or leave the flag out`, f.Name)
		}
	})
	return err
}

// complete offers fixed values for a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag does not exist
	}
}

// usage is an error in the command line.
func usage(cmd *cobra.Command, format string, args ...any) error {
	return fmt.Errorf("%s; see '%s --help'", fmt.Sprintf(format, args...), cmd.CommandPath())
}
