package main

import (
	"encoding/json"
	"fmt"
	"os"

	"cradio/radio"
	"cradio/radio/index"

	"github.com/spf13/cobra"
)

// dupsFlags are the options of `cradio dups`.
type dupsFlags struct {
	threshold float64
	by        string
	json      bool
}

func newDupsCmd() *cobra.Command {
	f := &dupsFlags{}
	cmd := &cobra.Command{
		Use:   "dups FOLDER",
		Short: "List images of an index that are nearly the same",
		Long: `dups lists groups of images that are nearly the same: copies, other sizes, other qualities and
small edits. The folder must have an index, which is up to date; FOLDER may be the index itself:

  cradio index photos/
  cradio dups photos/

Images are in one group if their vectors have a cosine of at least --threshold, or if others
between them do. Raise it if groups mix different images, lower it if copies are missing. Each
line has the cosine to the first of its group, the size of the file, and its path. Nothing is
deleted.

All pairs are compared, exactly: 10,000 images take a second or so, 100,000 a minute or two.

Exit status: 0, also if there are none.`,
		Example: `  cradio dups photos/ --threshold 0.98
  cradio dups photos/ --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, "want one FOLDER that has an index; found %s", count(len(args), "argument"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.Float64VarP(&f.threshold, "threshold", "t", 0.95, "least cosine of images that are nearly the same, above 0 and at most 1")
	flags.StringVar(&f.by, "by", string(radio.SummarySource), "`SOURCE` to compare: summary, or adaptor:NAME")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	return cmd
}

// dupsJSON is the output of --json.
type dupsJSON struct {
	Index     string       `json:"index"`
	Source    radio.Source `json:"source"`
	Threshold number       `json:"threshold"`
	Groups    []groupJSON  `json:"groups"` // the largest first
}

type groupJSON struct {
	Images []dupJSON `json:"images"`
}

type dupJSON struct {
	Path       string `json:"path"`
	PathBase64 string `json:"path_base64,omitempty"` // where it is not UTF-8
	Bytes      int64  `json:"bytes"`                 // of the file; -1 if it is gone
	Cosine     number `json:"cosine"`                // to the first of the group
}

func (f *dupsFlags) run(cmd *cobra.Command, args []string) error {
	if !(f.threshold > 0 && f.threshold <= 1) {
		return usage(cmd, "--threshold %g: must be above 0, and at most 1", f.threshold)
	}
	x, err := openIndex(args[0])
	if err != nil {
		return err
	}
	defer x.Close()
	if x.About.Synthetic {
		warn("%s was made with synthetic weights: the groups carry no meaning", shown(x.Dir))
	}
	var bar *progress
	groups, err := x.Duplicates(cmd.Context(), radio.Source(f.by), f.threshold, index.Options{}, func(_, total int) {
		if bar == nil {
			bar = newProgressOf(cmd.ErrOrStderr(), total, total > 2, "blocks", "comparing images")
		}
		bar.step()
	})
	if bar != nil {
		bar.stop()
	}
	if err != nil {
		return err
	}
	out := &dupsJSON{Index: x.Dir, Source: radio.Source(f.by), Threshold: number(f.threshold), Groups: []groupJSON{}}
	for _, g := range groups {
		var images []dupJSON
		for i, item := range g.Items {
			path, exact := pathText(x.Set.Items[item].Path)
			size := int64(-1)
			if info, err := os.Stat(x.Set.Items[item].Path); err == nil {
				size = info.Size()
			}
			images = append(images, dupJSON{path, exact, size, number(g.Cosine[i])})
		}
		out.Groups = append(out.Groups, groupJSON{images})
	}
	return f.print(cmd, x, out)
}

// print prints the groups.
func (f *dupsFlags) print(cmd *cobra.Command, x *index.Index, out *dupsJSON) error {
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(out)
	}
	images := 0
	for i, g := range out.Groups {
		images += len(g.Images)
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "group %d: %s\n", i+1, count(len(g.Images), "image")); err != nil {
			return err
		}
		for _, d := range g.Images {
			size := "gone"
			if d.Bytes >= 0 {
				size = sizeText(float64(d.Bytes))
			}
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "  %.4f  %9s  %s\n", float64(d.Cosine), size, shown(nearby(d.Path))); err != nil {
				return err
			}
		}
	}
	if len(out.Groups) == 0 {
		say("none of %s has another one with a cosine of at least %g", count(len(x.Set.Items), "image"), f.threshold)
		return nil
	}
	say("%d of %s are in %s", images, count(len(x.Set.Items), "image"), count(len(out.Groups), "group"))
	return nil
}
