package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"cradio/loader/hub"
	"cradio/radio/checkpoint"

	"github.com/spf13/cobra"
)

// modelReport is one model in the output of `cradio models --json`.
type modelReport struct {
	Name       string    `json:"name"`
	Revisions  []string  `json:"revisions"`
	Commit     string    `json:"commit,omitempty"`
	Path       string    `json:"path"`
	Bytes      int64     `json:"bytes"`
	Incomplete int64     `json:"incomplete_bytes,omitempty"`
	Modified   time.Time `json:"modified"`
	Loadable   bool      `json:"loadable"`
	Why        string    `json:"why,omitempty"` // it is not loadable
	Packs      []string  `json:"packs"`
}

func newModelsCmd() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List the models in the Hugging Face cache",
		Long: `models lists the models that are already on this machine. It reads the cache that
` + "`cradio pull`" + ` and Python's huggingface_hub share. It changes nothing there, and makes no
request to the network.

Each line shows:

  MODEL      the name, as --model takes it
  REVISION   the branches and tags, and the commit
  SIZE       the size of its files; a file that several commits share counts for each
  PACKS      the packed weights that ` + "`cradio pack`" + ` has cached
  LOADABLE   whether cradio can load the model, and if not, why

The cache is HF_HUB_CACHE, or HF_HOME/hub, or ~/.cache/huggingface/hub.`,
		Example: `  cradio models
  cradio models --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listModels(cmd, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON: a list with an object for each model")
	return cmd
}

func listModels(cmd *cobra.Command, asJSON bool) error {
	client, err := newHub(true)
	if err != nil {
		return err
	}
	cached, err := client.Cached(cmd.Context())
	if err != nil {
		return err
	}
	reports := []modelReport{}
	for _, m := range cached {
		reports = append(reports, reportOf(m))
	}
	out := cmd.OutOrStdout()
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(reports)
	}
	if len(reports) == 0 {
		_, err := fmt.Fprintf(out, "no models in %s; `cradio pull nvidia/C-RADIOv2-B` downloads one\n", client.Cache)
		return err
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "MODEL\tREVISION\tSIZE\tPACKS\tLOADABLE")
	for _, r := range reports {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Name, r.revision(), bytesText(int(r.Bytes)), r.packs(), r.loadable())
	}
	return t.Flush()
}

func reportOf(m hub.CachedModel) modelReport {
	r := modelReport{Name: m.Name, Revisions: m.Revisions, Commit: m.Commit, Path: m.Dir, Bytes: m.Size, Incomplete: m.Incomplete,
		Modified: m.Modified.UTC().Truncate(time.Second), Loadable: m.Loadable(), Why: m.Why, Packs: m.Packs}
	if r.Revisions == nil {
		r.Revisions = []string{}
	}
	if r.Packs == nil {
		r.Packs = []string{}
	}
	if r.Loadable {
		r.Why = notOurs(m.Dir)
		r.Loadable = r.Why == ""
	}
	return r
}

// notOurs returns why cradio cannot run a model whose files are complete, or "". If there is
// no config.json, the configuration is in the checkpoint, which is not opened here.
func notOurs(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, "config.json")); err != nil {
		return ""
	}
	if _, err := checkpoint.ReadConfig(dir); err != nil {
		return strings.TrimPrefix(strings.TrimPrefix(err.Error(), filepath.Join(dir, "config.json")+": "), dir+": ")
	}
	return ""
}

func (r modelReport) revision() string {
	short := r.Commit[:min(7, len(r.Commit))]
	switch {
	case len(r.Revisions) > 0:
		return strings.Join(r.Revisions, ",") + " " + short
	case short != "":
		return short
	}
	return "-"
}

// packs lists the precisions and layouts of the packed weights: cradio-int8-avx512-v1.pack is int8-avx512-v1.
func (r modelReport) packs() string {
	if len(r.Packs) == 0 {
		return "-"
	}
	short := make([]string, len(r.Packs))
	for i, p := range r.Packs {
		short[i] = strings.TrimSuffix(strings.TrimPrefix(p, "cradio-"), ".pack")
	}
	return strings.Join(short, ",")
}

func (r modelReport) loadable() string {
	if r.Loadable {
		return "yes"
	}
	const longest = 100
	why := []rune(r.Why)
	if len(why) > longest {
		why = append(why[:longest], '…')
	}
	return "no: " + string(why)
}
