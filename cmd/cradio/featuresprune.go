package main

import (
	"fmt"

	"cradio/radio/features"

	"github.com/spf13/cobra"
)

// pruneJSON is the output of --json.
type pruneJSON struct {
	Store   string `json:"store"`
	Kept    int    `json:"kept"`    // rows
	Removed int    `json:"removed"` // rows
	Recipes int    `json:"recipes"` // removed: of other models, sizes, precisions or sources
	Bytes   int64  `json:"bytes"`   // that this frees
	Plan    bool   `json:"plan"`    // nothing was removed
}

func newFeaturesPruneCmd() *cobra.Command {
	var plan, asJSON bool
	cmd := &cobra.Command{
		Use:   "prune STORE",
		Short: "Free the space of features that a store does not need any more",
		Long: `prune removes from a STORE what its last run did not need: features of images that are gone,
have changed, or have other views now, and all that was computed with another model, size,
precision or --source. The files get smaller. No model is needed, and no image is read.

It needs room for the rows that stay while it writes them anew. If it is stopped or killed
at any moment, the store still has all features of its last run; run it again to finish.
Features that are removed here are computed again if they are asked for.`,
		Example: `  cradio features prune store --plan
  cradio features prune store`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, "want one STORE; found %s. A folder of images of the name prune is ./prune", count(len(args), "argument"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := features.Compact(cmd.Context(), args[0], plan)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd, pruneJSON{args[0], c.Kept, c.Rows, c.Recipes, c.Bytes, plan})
			}
			does := map[bool]string{false: "removed", true: "to remove"}[plan]
			line := fmt.Sprintf("%s: %s %s", shown(args[0]), count(c.Rows, "row"), does)
			if c.Recipes > 0 {
				line += fmt.Sprintf(", and all rows of %s", count(c.Recipes, "other setting"))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s, %s; %s stay\n", line, sizeText(float64(c.Bytes)), count(c.Kept, "row"))
			return err
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&plan, "plan", false, "print what would be removed, and remove nothing")
	flags.BoolVar(&asJSON, "json", false, "print the results as one JSON object")
	return cmd
}
