package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cradio/radio"
	"cradio/radio/index/export"

	"github.com/spf13/cobra"
)

// indexExportFlags are the options of `cradio index export`.
type indexExportFlags struct {
	to string
	by string
}

func newIndexExportCmd() *cobra.Command {
	f := &indexExportFlags{}
	cmd := &cobra.Command{
		Use:   "export FOLDER --to TARGET",
		Short: "Write an index for clip-retrieval, Qdrant, pgvector or other programs",
		Long: `export writes the vectors of an index, divided by their length, with the path, the SHA-256
and the size of each image. FOLDER is the folder of images, or the index itself. TARGET is
one of:

  ` + strings.ReplaceAll(export.Targets, "\n", "\n  ") + `

Files appear when they are complete. In Qdrant, images that were exported before are replaced,
and those that have left the index are removed; other points of the collection stay.

To have clip-retrieval make its own index of X/:

  clip-retrieval index --embeddings_folder X --index_folder X`,
		Example: `  cradio index export photos/ --to photos.jsonl
  cradio index export photos/ --to clip/ --by adaptor:clip
  cradio index export photos/ --to qdrant:http://localhost:6333/photos
  cradio index export photos/ --to photos.sql`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return usage(cmd, "want one FOLDER that has an index; found %s", count(len(args), "argument"))
			case f.to == "":
				return usage(cmd, "--to TARGET is missing: where the vectors go")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "`TARGET`; see above")
	flags.StringVar(&f.by, "by", string(radio.SummarySource), "`SOURCE` of the vectors: summary, or adaptor:NAME")
	return cmd
}

func (f *indexExportFlags) run(cmd *cobra.Command, args []string) error {
	to, err := export.Open(f.to)
	if err != nil {
		return usage(cmd, "--to: %v", err)
	}
	x, err := openIndex(args[0])
	if err != nil {
		return err
	}
	defer x.Close()
	bar := newProgressOf(cmd.ErrOrStderr(), len(x.Set.Items), len(x.Set.Items) > 10_000, "images", "exporting")
	n, err := export.Write(cmd.Context(), x, radio.Source(f.by), to, func(int, int) { bar.step() })
	bar.stop()
	if errors.Is(err, context.Canceled) && cmd.Context().Err() != nil {
		return &interruption{fmt.Sprintf("interrupted: %s is not complete; run the same command again", shown(to.String())), err}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s of %d numbers\n", shown(to.String()), count(n, "vector"), x.Recipe.Columns[x.Recipe.Column(radio.Source(f.by))].Width())
	return err
}
