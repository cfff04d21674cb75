package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cradio/radio/features"
	"cradio/radio/index"

	"github.com/spf13/cobra"
)

// indexFlags are the options of `cradio index`.
type indexFlags struct {
	vectorFlags
	batch   int
	out     string
	replace bool
	rehash  bool
	json    bool
}

func newIndexCmd() *cobra.Command {
	f := &indexFlags{}
	cmd := &cobra.Command{
		Use:   "index IMAGE…",
		Short: "Index images, to search them by images or words, and to find duplicates",
		Long: `index runs the model once for each image and keeps its summary in an index. Then a search
takes milliseconds. A complete example, offline:

  cradio eval generate shapes
  cradio index shapes/ --model synthetic:nano --size 64
  cradio search shapes/ shapes/test/circle/circle-0005.png
  cradio dups shapes/ --threshold 0.999

Each IMAGE is a folder, a file, a pattern or a list, as for cradio embed. The index of photos/
is the folder photos.index beside it, unless --out names another one.

KEEPING IT UP TO DATE

Run the same command again after images have come, changed or gone. Only new and changed
ones are computed; what is gone leaves the index. Files whose size and times have not changed
are not read again, unless --rehash is set: 100,000 of them take about a second. The index
remembers --model, --size and what else vectors depend on: they need not be given again. To
change them, add --replace: all images are computed anew.

An interrupted run keeps what it has done, even after a crash: it can be searched, and the
same command goes on. One process writes to an index at a time; several may search it.

SEARCHING BY WORDS

Words need a model with an adaptor whose teacher has a text side, and that teacher's text
tower: see cradio zeroshot --help.

  cradio index photos/ -m nvidia/C-RADIOv3-B --adaptor siglip2-g --text siglip2-giant/
  cradio search photos/ "a red bicycle"

Without --adaptor, images find images.

OTHER PROGRAMS

An index is a store of features: cradio eval and cradio train read it. cradio index export
writes it for clip-retrieval, Qdrant, pgvector and others.

Exit status: 0; 1 if images were skipped; 2 if the command line is wrong, or the index cannot
be written; 130 if interrupted.`,
		Example: `  cradio index photos/ --model nvidia/C-RADIOv2-B
  cradio index photos/                          bring it up to date
  cradio index 'photos/**/*.jpg' --out /fast/photos.index --size 224 --dtype bfloat16`,
		Args:              someImages,
		ValidArgsFunction: completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.IntVarP(&f.batch, "batch", "b", 1, "batch size (images of one size)")
	flags.StringVarP(&f.out, "out", "o", "", "`INDEX`: the folder to write, or to bring up to date (default IMAGE"+indexExtension+")")
	flags.BoolVar(&f.replace, "replace", false, "index all anew, if the model or another option has changed")
	flags.BoolVar(&f.rehash, "rehash", false, "read all images, also those whose size and times have not changed")
	flags.BoolVar(&f.json, "json", false, "print a report as one JSON object")
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
	cmd.AddCommand(newIndexExportCmd())
	return cmd
}

// indexJSON is the output of --json.
type indexJSON struct {
	Index     string    `json:"index"`
	Model     string    `json:"model"`
	Synthetic bool      `json:"synthetic"`
	Images    int       `json:"images"`
	Computed  int       `json:"computed"`
	Present   int       `json:"present"`  // rows that were there
	Removed   int       `json:"removed"`  // rows of images that are gone or have changed
	Repaired  int       `json:"repaired"` // rows that were damaged
	Skipped   []failure `json:"skipped"`
}

// place chooses the index.
func (f *indexFlags) place(cmd *cobra.Command, args []string) error {
	switch {
	case f.batch < 1:
		return usage(cmd, "--batch %d: must be at least 1", f.batch)
	case f.out != "":
		return nil
	case len(args) > 1:
		return usage(cmd, "--out INDEX is missing: several IMAGEs have no name in common")
	}
	info, err := os.Stat(args[0])
	if errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(args[0], "*?[{@") {
		return fmt.Errorf("%s: no such file or folder", shown(args[0]))
	}
	if err != nil || !info.IsDir() {
		return usage(cmd, "--out INDEX is missing: %s is no folder to name the index after", shown(args[0]))
	}
	if features.IsStore(args[0]) {
		return usage(cmd, "%s is an index: give the images that it is of", shown(args[0]))
	}
	f.out, err = indexOf(args[0])
	return err
}

// forget removes an index that is to be replaced.
func (f *indexFlags) forget() error {
	if _, err := os.Stat(f.out); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if !features.IsStore(f.out) {
		return fmt.Errorf("--replace: %s is no index, and so is not removed; choose another --out", shown(f.out))
	}
	release, err := features.Lock(f.out) // nobody writes to it
	if err != nil {
		return err
	}
	if err := release(); err != nil {
		return err
	}
	return os.RemoveAll(f.out)
}

// advised says what to do about an index that was made in another way.
func (f *indexFlags) advised(err error) error {
	if errors.Is(err, index.ErrOther) {
		return fmt.Errorf("%w; add --replace to index all images anew, choose another --out, or leave out the options that have changed", err)
	}
	return err
}

// print prints the report.
func (f *indexFlags) print(cmd *cobra.Command, out *indexJSON) error {
	var err error
	if f.json {
		if out.Skipped == nil {
			out.Skipped = []failure{}
		}
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(out)
	} else {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %d new, %d removed\n", shown(filepath.Clean(f.out)), count(out.Images, "image"), out.Computed, out.Removed)
	}
	if err == nil && len(out.Skipped) > 0 {
		err = failed{fmt.Sprintf("%s skipped", count(len(out.Skipped), "image"))}
	}
	return err
}
