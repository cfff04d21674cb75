package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"cradio/loader/hub"

	"github.com/spf13/cobra"
)

// pullFlags are the options of `cradio pull`.
type pullFlags struct {
	revision             string
	offline, force, json bool
	text                 bool
}

// pullReport is the output of `cradio pull --json`.
type pullReport struct {
	Name     string       `json:"name"`
	Revision string       `json:"revision"`
	Commit   string       `json:"commit"`
	Path     string       `json:"path"`
	Bytes    int64        `json:"bytes"`
	Files    []pulledFile `json:"files"`
}

type pulledFile struct {
	Name       string `json:"name"`
	Bytes      int64  `json:"bytes"`
	Downloaded bool   `json:"downloaded"`
}

func newPullCmd() *cobra.Command {
	f := &pullFlags{}
	cmd := &cobra.Command{
		Use:   "pull ORG/NAME",
		Short: "Download a model from the Hugging Face hub",
		Long: `pull downloads a model from the Hugging Face hub and prints the path of its folder.
Other commands download a model when they first need it; use pull to download it earlier,
such as before going offline.

It uses the same cache as Python's huggingface_hub. Files that Python has downloaded are
not downloaded again, and Python finds the files that cradio downloads.

ORG/NAME is the model's name, such as nvidia/C-RADIOv2-B, or the address of its page. To
choose a branch, tag or commit, put it after @ or give --revision; the default is main. If
a repository holds several checkpoints, choose one with ORG/NAME/FILE; its path is then
printed.

Only the files that cradio needs are downloaded: config.json, preprocessor_config.json and
the checkpoint. The checkpoint is model.safetensors, or the shards that
model.safetensors.index.json lists, or the only file in PyTorch's format.

With --text, ORG/NAME is the repository of a text tower (see cradio zeroshot): its configuration,
its vocabulary and the weights of its library are downloaded.

To resume an interrupted download, run the same command again. Each file is checked
against the hash that the hub lists, and appears in the cache only when it is complete. If
another cradio or Python is downloading the same file, pull waits for it.

The environment variables are those of huggingface_hub:

  HF_HUB_CACHE, HF_HOME   the cache, or the folder above it (~/.cache/huggingface)
  HF_TOKEN, HF_TOKEN_PATH the token, or its file, for private and gated models. The
                          default is the token that Python's ` + "`hf auth login`" + ` stored. The
                          token is sent to the hub only, not to servers it redirects to
  HF_ENDPOINT             another hub, or a mirror (https://huggingface.co)
  HF_HUB_OFFLINE          1: make no request, as --offline
  HF_HUB_DOWNLOAD_TIMEOUT seconds without data before a retry (10)
  HTTPS_PROXY, NO_PROXY   proxies; SSL_CERT_FILE names the certificates to trust

Exit status: 0 the model is in the cache, 2 it is not, 130 interrupted.`,
		Example: `  cradio pull nvidia/C-RADIOv2-B
  cradio pull nvidia/C-RADIOv2-H --revision main
  cradio pull nvidia/RADIO/radio_v2.pth.tar
  cradio pull nvidia/C-RADIOv2-B --offline --json   show what the cache holds, without a request`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, "want one ORG/NAME, found %d arguments", len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.revision, "revision", "", "branch, tag or commit `NAME` (default main)")
	flags.BoolVar(&f.offline, "offline", false, "make no request: the model must be in the cache")
	flags.BoolVar(&f.force, "force", false, "download again, even what is in the cache")
	flags.BoolVar(&f.text, "text", false, "download a text tower")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *pullFlags) run(cmd *cobra.Command, name string) error {
	client, err := newHub(f.offline)
	if err != nil {
		return err
	}
	repo, ok := client.Parse(name)
	switch {
	case !ok:
		return usage(cmd, "%s is not the name of a model on the hub: want ORG/NAME, as in nvidia/C-RADIOv2-B", name)
	case f.revision != "" && repo.Revision != "" && f.revision != repo.Revision:
		return usage(cmd, "%s and --revision %s name different revisions: give one", name, f.revision)
	case f.revision != "":
		repo.Revision = f.revision
	}
	repo.Text = f.text
	if f.force && client.Offline {
		return usage(cmd, "--force needs the network, and cradio is offline (--offline or HF_HUB_OFFLINE)")
	}
	client.Force = f.force
	bars := newPullProgress(cmd.ErrOrStderr())
	client.Progress = bars.event
	s, err := client.Snapshot(cmd.Context(), repo)
	bars.stop()
	if errors.Is(err, context.Canceled) {
		return &interruption{fmt.Sprintf("interrupted: the part of %s that was downloaded is kept; run the same command to resume", repo), err}
	}
	if err != nil {
		return err
	}
	return f.print(cmd, repo, s)
}

// print prints the path only, for scripts, or the report as JSON.
func (f *pullFlags) print(cmd *cobra.Command, repo hub.Repo, s hub.Snapshot) error {
	path := s.Dir
	if repo.File != "" {
		path = filepath.Join(path, filepath.FromSlash(repo.File))
	}
	if !f.json {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), path)
		return err
	}
	r := pullReport{Name: repo.ID(), Revision: repo.Revision, Commit: s.Revision, Path: path}
	if r.Revision == "" {
		r.Revision = hub.DefaultRevision
	}
	for _, file := range s.Files {
		r.Bytes += file.Size
		r.Files = append(r.Files, pulledFile{file.Name, file.Size, file.Downloaded})
	}
	return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
}

// newHub returns a client with the settings of the environment.
func newHub(offline bool) (*hub.Client, error) {
	c, err := hub.FromEnvironment(os.Getenv)
	if err != nil {
		return nil, err
	}
	v := readVersion()
	c.UserAgent = fmt.Sprintf("cradio/%s; %s; %s/%s", v.Version, v.Go, v.OS, v.Arch)
	c.Offline = c.Offline || offline
	return c, nil
}
