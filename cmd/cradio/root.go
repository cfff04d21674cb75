package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newRoot is the whole command line.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cradio",
		Short: "Features of pictures, by NVIDIA's C-RADIOv2 vision transformers",
		Long: `cradio turns pictures into features with NVIDIA's C-RADIOv2 vision transformers,
on the CPU: a summary vector of each picture, and a vector for each of its
patches. Begin with a picture of yours, or with one of the repository's:

  cradio embed conformance/images/chelsea.jpg

Without --model that runs C-RADIOv2-B with synthetic weights, which are built in:
everything works, but the features carry no meaning. For those that do, download
a checkpoint such as https://huggingface.co/nvidia/C-RADIOv2-B, and give its folder:

  cradio embed photos/ --model C-RADIOv2-B --out features.npz`,
		Example: `  cradio embed photo.jpg                 what the model makes of an image
  cradio embed photos/ --out all.npz     features of a folder, for NumPy
  cradio pca photo.jpg --out pca.png     a picture of the features
  cradio info --plan                     size, cost and plan of a model
  cradio pack C-RADIOv2-B                keeps packed weights on disk: a sooner start`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())
	})
	level := root.PersistentFlags().String("log-level", "info", "what to log on standard error: debug, info, warn or error")
	complete(root, "log-level", "debug", "info", "warn", "error")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := setLog(cmd, *level); err != nil {
			return err
		}
		return noneEmpty(cmd)
	}
	root.AddCommand(newEmbedCmd(), newInfoCmd(), newPCACmd(), newSimilarCmd(), newClustersCmd(), newAttentionCmd(), newCompareCmd(), newPackCmd(), newPullCmd(), newModelsCmd(), newSynthCmd(), newConformanceCmd(), newBenchCmd(), newVersionCmd())
	return root
}

// setLog makes the logger of the whole program: text, without the time, which
// is of no use to who is watching.
func setLog(cmd *cobra.Command, level string) error {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
		return fmt.Errorf("--log-level %s: wants debug, info, warn or error", level)
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{
		Level: l,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})))
	return nil
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
