package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio"

	"github.com/spf13/cobra"
)

func newSynthCmd() *cobra.Command {
	var dir, seed string
	var force bool
	cmd := &cobra.Command{
		Use:   "synth NAME|FOLDER --out DIR",
		Short: "Write a checkpoint with synthetic weights",
		Long: `synth writes a checkpoint with synthetic weights. Use it to try things out, or to
measure speed and memory, without a download. Speed and memory are those of the real
model; the features carry no meaning.

NAME is one of ` + strings.Join(radio.SyntheticNames(), ", ") + `. With a FOLDER, the weights are for the
config.json in it. That may be in the format of the hub or of transformers, or be the
vision part of a vision-language model's. Its preprocessor_config.json is copied too.

The output is a folder like those on the Hugging Face hub: config.json, model.safetensors
in float32, and preprocessor_config.json. Each weight is a function of its name and of
--seed ("synth v1", conformance/README.md).

The folder is written under a temporary name, and renamed when it is complete. A folder
that exists is an error. With --force it is replaced, if it holds only files that synth
and pack write.`,
		Example: `  cradio synth nano --out /tmp/nano && cradio embed photo.jpg --model /tmp/nano
  cradio synth B --out C-RADIOv2-B-synthetic --seed 7
  cradio synth my-config/ --out my-checkpoint`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, "want one NAME of %s, or one FOLDER with a config.json; found %d arguments", strings.Join(radio.SyntheticNames(), ", "), len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions(radio.SyntheticNames(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				return usage(cmd, "--out is missing: give the folder to write")
			}
			p, err := patternOf(args[0])
			if err != nil {
				return err
			}
			return synth(cmd, p, seed, filepath.Clean(dir), force)
		},
	}
	cmd.Flags().StringVarP(&dir, "out", "o", "", "folder `DIR` to write")
	cmd.Flags().StringVar(&seed, "seed", "", "any text; each text gives different weights")
	cmd.Flags().BoolVar(&force, "force", false, "replace the folder if it exists and synth wrote it")
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
	return cmd
}

func synth(cmd *cobra.Command, p *synthPattern, seed, dir string, force bool) error {
	if err := replaceable(dir, force); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), ".cradio-synth-*.tmp")
	if err != nil {
		return fmt.Errorf("%s: not written: %w; choose a folder that exists and can be written", dir, err)
	}
	defer os.RemoveAll(temporary) // after the rename there is nothing to remove
	params, err := p.write(cmd, temporary, seed)
	if err != nil {
		return err
	}
	if err := replace(dir, temporary); err != nil {
		return fmt.Errorf("%s: not written: %w", dir, err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s%s, %.1f million synthetic weights: the features carry no meaning\n",
		dir, radio.SyntheticPrefix, p.name, float64(params)/1e6)
	return err
}

// synthFiles are the files of a synthetic checkpoint.
var synthFiles = []string{"config.json", "model.safetensors", "preprocessor_config.json"}

// replaceable returns an error unless dir may be written: it does not exist, or is
// empty, or, with force, holds only what synth and pack have written.
func replaceable(dir string, force bool) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w; choose another folder", dir, err)
	}
	if !force {
		return fmt.Errorf("%s: already exists; choose another folder, or replace it with --force", dir)
	}
	for _, e := range entries {
		ours, _ := filepath.Match("cradio-*.pack", strings.TrimSuffix(e.Name(), ".seen")) // the pattern is valid
		if !ours && !slices.Contains(synthFiles, e.Name()) || !e.Type().IsRegular() {
			return fmt.Errorf("%s: holds %s, which synth did not write, so it is not replaced; choose another folder", dir, e.Name())
		}
	}
	if !radio.Synthetic(dir) {
		return fmt.Errorf("%s: holds a checkpoint that synth did not write, so it is not replaced; choose another folder", dir)
	}
	return nil
}

// replace renames the folder by to dir. An existing dir is moved aside first, and removed at the end.
func replace(dir, by string) error {
	if err := os.Chmod(by, 0o755); err != nil { // os.MkdirTemp makes private folders
		return err
	}
	old := by + ".old"
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(by, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}
