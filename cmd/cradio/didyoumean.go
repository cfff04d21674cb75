package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// maxDistance is the largest edit distance of a suggestion.
const maxDistance = 2

// noSuchCommand is the error for an unknown command. It suggests what may be meant.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	near := cmd.SuggestionsFor(args[0])
	if _, err := os.Stat(args[0]); err == nil && len(near) == 0 && !cmd.HasParent() {
		near = []string{"cradio embed " + shown(args[0])}
	}
	return usage(cmd, "no command %q%s", args[0], didYouMean(near))
}

// flagError is the error for a flag that cannot be parsed. For an unknown flag it suggests
// the flags with similar names.
func flagError(cmd *cobra.Command, err error) error {
	hint := ""
	if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		names := &cobra.Command{SuggestionsMinimumDistance: maxDistance} // cobra compares names of commands only
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names.AddCommand(&cobra.Command{Use: "--" + f.Name, Run: func(*cobra.Command, []string) {}})
			}
		})
		hint = didYouMean(names.SuggestionsFor("--" + unknown.GetSpecifiedName()))
	}
	return fmt.Errorf("%w%s; see '%s --help'", err, hint, cmd.CommandPath())
}

// didYouMean formats suggestions for an error.
func didYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(near, " or ") + "?)"
}
