package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/index"
	"cradio/radio/output"

	"github.com/spf13/cobra"
)

// searchFlags are the options of `cradio search`.
type searchFlags struct {
	vectorFlags
	by    string
	top   int
	least float64
	out   string
	json  bool
	other bool // another tower than the teacher's
}

func newSearchCmd() *cobra.Command {
	f := &searchFlags{}
	cmd := &cobra.Command{
		Use:   "search FOLDER QUERY",
		Short: "Find the images of an index that are most like an image, or that words describe",
		Long: `search prints the images of a folder that are most like QUERY, the best first. The folder must
have an index; FOLDER may be the index itself:

  cradio index photos/
  cradio search photos/ query.jpg
  cradio search photos/ "a red bicycle"

QUERY is an image file (- is standard input), or words. Words need an index that was made
with --adaptor, and the text tower of that adaptor's teacher; see cradio index --help.

The score is the cosine of the two vectors: 1 is the same. Which scores are high depends on
the model; what counts is the order. Every image is compared, exactly: nothing is missed.

An image is encoded by the model and with the options that the index was made with; if the
model has moved, --model says where it is. An image that is in the index needs no model.

--out FILE.png draws the images that were found on a contact sheet.`,
		Example: `  cradio search photos/ query.jpg --top 20 --out found.png
  cradio search photos/ "two dogs on a beach" --json
  curl -s https://example.org/a.jpg | cradio search photos/ -`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage(cmd, "want FOLDER and QUERY: a folder with an index, and an image or words")
			}
			return nil
		},
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd)
	f.hide(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.by, "by", "", "`SOURCE` to compare: summary, or adaptor:NAME (default summary for images, the adaptor for words)")
	flags.IntVarP(&f.top, "top", "n", 10, "images to print")
	flags.Float64Var(&f.least, "min", -1, "print only images with at least this score")
	flags.StringVarP(&f.out, "out", "o", "", "draw the images that were found on `FILE`.png")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	flags.BoolVar(&f.other, "other-tower", false, "use a text tower that is not that of the adaptor's teacher")
	if err := cmd.MarkFlagFilename("out", "png"); err != nil {
		panic(err)
	}
	return cmd
}

// searchJSON is the output of --json.
type searchJSON struct {
	Index  string       `json:"index"`
	Query  string       `json:"query"`
	Source radio.Source `json:"source"`
	Hits   []hitJSON    `json:"hits"` // the best first
}

type hitJSON struct {
	Path       string `json:"path"`
	PathBase64 string `json:"path_base64,omitempty"` // where it is not UTF-8
	Score      number `json:"score"`
	Gone       bool   `json:"gone,omitempty"` // since it was indexed
}

func (f *searchFlags) run(cmd *cobra.Command, args []string) error {
	switch {
	case f.top < 1:
		return usage(cmd, "--top %d: must be at least 1", f.top)
	case f.out != "" && !strings.EqualFold(filepath.Ext(f.out), ".png"):
		return usage(cmd, "--out %s: must end in .png", shown(f.out))
	}
	if f.out != "" {
		if err := output.Writable(f.out); err != nil {
			return err
		}
	}
	x, err := openIndex(args[0])
	if err != nil {
		return err
	}
	defer x.Close()
	if err := f.recall(cmd, x.Dir, x.About.Settings); err != nil {
		return err
	}
	if err := f.check(cmd); err != nil {
		return err
	}
	q, err := f.query(cmd, x, args[1:])
	if err != nil {
		return err
	}
	hits, err := x.Search(cmd.Context(), q.source, q.vector, f.top, index.Options{})
	if err != nil {
		return err
	}
	hits = slices.DeleteFunc(hits, func(h index.Hit) bool { return h.Score < f.least })
	if f.out != "" {
		if err := f.draw(cmd, x, q, hits); err != nil {
			return err
		}
	}
	return f.print(cmd, x, q, hits)
}

// openIndex opens the index of a folder.
func openIndex(folder string) (*index.Index, error) {
	dir, err := indexOf(folder)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		if _, err := os.Stat(folder); err != nil {
			return nil, fmt.Errorf("%s: no such folder, and no index of it; give the folder of images that was indexed, or the index", shown(folder))
		}
		return nil, fmt.Errorf("%s has no index yet: make it with cradio index %s (or give the one that --out named)", shown(folder), shown(folder))
	}
	return index.Open(dir)
}

// print prints what was found.
func (f *searchFlags) print(cmd *cobra.Command, x *index.Index, q *query, hits []index.Hit) error {
	out := searchJSON{Index: x.Dir, Query: q.name, Source: q.source, Hits: []hitJSON{}}
	gone := 0
	for _, h := range hits {
		path, exact := pathText(h.Path)
		hit := hitJSON{Path: path, PathBase64: exact, Score: number(h.Score)}
		if _, err := os.Stat(h.Path); err != nil {
			hit.Gone = true
			gone++
		}
		out.Hits = append(out.Hits, hit)
	}
	if gone > 0 {
		warn("%s gone since the index was made: run cradio index again", areOrIs(gone, "image"))
	}
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(out)
	}
	for _, h := range hits {
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%.4f  %s\n", h.Score, shown(nearby(h.Path))); err != nil {
			return err
		}
	}
	if len(hits) == 0 {
		say("no image has a score of at least %g", f.least)
	}
	return nil
}

// nearby is a path as seen from the working directory, if it is below it.
func nearby(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return rel
	}
	return path
}

// isImageName reports whether a query is the name of a file, rather than words.
func isImageName(text string) bool {
	return slices.Contains(image.Extensions, strings.ToLower(filepath.Ext(text))) || strings.ContainsRune(text, filepath.Separator) && !strings.Contains(text, " ")
}
