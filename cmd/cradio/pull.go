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

// pullFlags are the choices of `cradio pull`.
type pullFlags struct {
	revision             string
	offline, force, json bool
}

// pullReport is what `cradio pull` says, as --json prints it.
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
		Long: `pull downloads what of a model's repository is needed, into the cache that Python's
huggingface_hub uses, and prints the folder. What is there already is not downloaded
again, whether Python or cradio did it before; Python finds what cradio downloaded.

The name is that of the model's page, nvidia/C-RADIOv2-B, or the page's address. A
branch, a tag or a commit follows after @, or with --revision; the default is main.
ORG/NAME/FILE is one checkpoint of a repository that holds several, and its path is
printed then.

Needed are config.json, preprocessor_config.json and the checkpoint: model.safetensors;
or the shards of model.safetensors.index.json; or the only file in PyTorch's format.
Other formats that lie in a repository, and stale shards, are left alone.

A download that is interrupted goes on where it was, by the same command. Each file is
checked by the hash that the hub lists, and is in the cache only when it is whole. A
second cradio, or Python, waits meanwhile.

The environment is that of huggingface_hub:

  HF_HUB_CACHE, HF_HOME   the cache, or the folder above it (~/.cache/huggingface)
  HF_TOKEN, HF_TOKEN_PATH the token, or its file, for private and gated models; what
                          Python's ` + "`hf auth login`" + ` has stored is found by itself. It
                          is sent to the hub, and to no server that the hub redirects to
  HF_ENDPOINT             another hub, or a mirror (https://huggingface.co)
  HF_HUB_OFFLINE          1: make no request, as --offline
  HF_HUB_DOWNLOAD_TIMEOUT seconds without a byte until it is tried again (10)
  HTTPS_PROXY, NO_PROXY   proxies; SSL_CERT_FILE names the certificates to trust

Exit status: 0 the model is in the cache, 2 it is not, 130 interrupted.`,
		Example: `  cradio pull nvidia/C-RADIOv2-B
  cradio pull nvidia/C-RADIOv2-H --revision main
  cradio pull nvidia/RADIO/radio_v2.pth.tar
  cradio pull nvidia/C-RADIOv2-B --offline --json   what the cache has, without a request`,
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
	flags.StringVar(&f.revision, "revision", "", "`NAME` of a branch or a tag, or a commit (default main)")
	flags.BoolVar(&f.offline, "offline", false, "make no request: the model has to be in the cache")
	flags.BoolVar(&f.force, "force", false, "download again what is in the cache")
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
		return usage(cmd, "%s is no name of a model on the hub: want ORG/NAME, as in nvidia/C-RADIOv2-B", name)
	case f.revision != "" && repo.Revision != "" && f.revision != repo.Revision:
		return usage(cmd, "%s and --revision %s do not go together", name, f.revision)
	case f.revision != "":
		repo.Revision = f.revision
	}
	if f.force && client.Offline {
		return usage(cmd, "--force and offline do not go together")
	}
	client.Force = f.force
	bars := newPullProgress(cmd.ErrOrStderr())
	client.Progress = bars.event
	s, err := client.Snapshot(cmd.Context(), repo)
	bars.stop()
	if errors.Is(err, context.Canceled) {
		return &interruption{fmt.Sprintf("interrupted: what came of %s is kept, and the same command goes on from there", repo), err}
	}
	if err != nil {
		return err
	}
	return f.print(cmd, repo, s)
}

// print gives the path alone, for scripts, or the report.
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

// newHub is a client as the environment says.
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
