package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"cradio/radio"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8/decor"
)

// packFlags are the options of `cradio pack`.
type packFlags struct {
	dtype        string
	device       string
	out          string
	verify, json bool
	text         bool
}

// packReport is the output of `cradio pack --json`.
type packReport struct {
	File   string      `json:"file"`
	Bytes  int64       `json:"bytes"`
	DType  radio.DType `json:"dtype"`
	Layout string      `json:"layout"`
}

func newPackCmd() *cobra.Command {
	f := &packFlags{}
	cmd := &cobra.Command{
		Use:   "pack MODEL",
		Short: "Cache packed weights for faster start-up",
		Long: `pack caches the weights of a checkpoint in the layout of this machine's kernels. Use it
for a model that you run often. Commands then start faster and use less memory, and the
features are the same, bit for bit.

The packed weights are one file in MODEL, the folder of the checkpoint:

  MODEL/cradio-bfloat16-avx512-v1.pack

Every command finds this file and maps it into memory. The checkpoint itself is not read.
There is one file for each --dtype and for each CPU level. ` + "`cradio version`" + ` prints the
level; CRADIO_CPU sets it.

The file holds checksums of the checkpoint. If the checkpoint has changed, commands warn
and do not use the packed weights: run pack again. To start fast, they compare only names,
sizes, modification times and headers. If only a time differs, as in a copy of the folder,
the files are read and checked once. The new time is then stored in a file that ends in
.pack.seen. A change that keeps name, size, time and header is found only by --verify,
which reads everything and compares the checksums.

If MODEL is read-only, write to another folder with --out DIR, and give --packs DIR to the
other commands. One DIR can hold the packed weights of several models.

With --text, MODEL is a text tower, as cradio zeroshot --text takes it.

A synthetic model has no folder: ` + "`cradio synth`" + ` writes one. Level plain does not use packed
weights with float32, so there is nothing to pack.`,
		Example: `  cradio pack C-RADIOv2-B
  cradio pack C-RADIOv2-B --dtype bfloat16 && cradio embed photo.jpg --model C-RADIOv2-B --dtype bfloat16
  cradio pack C-RADIOv2-B --verify
  cradio synth B --out B && cradio pack B`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, "want one MODEL, the folder of a checkpoint; found %d arguments", len(args))
			}
			return nil
		},
		ValidArgsFunction: completeModel,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	addDType(cmd, &f.dtype)
	addDevice(cmd, &f.device)
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "out", "o", "", "write to the folder `DIR`, which must exist (default MODEL)")
	flags.BoolVar(&f.verify, "verify", false, "only check that packed weights and checkpoint match, by reading both completely")
	flags.BoolVar(&f.text, "text", false, "MODEL is a text tower")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
	return cmd
}

func (f *packFlags) run(cmd *cobra.Command, model string) error {
	opt := radio.Options{Device: f.device, DType: radio.DType(f.dtype), NoPack: !f.verify, PackDir: f.out, FreeMemory: debug.FreeOSMemory}
	if err := opt.DType.Check(); err != nil {
		return usage(cmd, "--dtype: %v", err)
	}
	if err := checkDevice(cmd, f.device); err != nil {
		return err
	}
	if f.text {
		return f.packText(cmd, model)
	}
	path, err := locate(cmd, model, false)
	if err != nil {
		return err
	}
	m, err := radio.Open(cmd.Context(), path, opt)
	if err != nil {
		return err
	}
	defer m.Close()
	pack, done := m.Pack(), "verified: pack and checkpoint match"
	if f.verify {
		err = m.VerifyPack(cmd.Context())
	} else {
		pack, err = f.write(cmd, m)
		done = "packed"
	}
	if err != nil {
		return err
	}
	return f.report(cmd, packReport{pack.Path, pack.Bytes, pack.DType, pack.Layout}, model, done)
}

func (f *packFlags) report(cmd *cobra.Command, r packReport, model, done string) error {
	out := cmd.OutOrStdout()
	if f.json {
		return json.NewEncoder(out).Encode(r)
	}
	_, err := fmt.Fprintf(out, "%s: %s, %s for level %s\n%s: %s\n", r.File, bytesText(int(r.Bytes)), r.DType, r.Layout, model, done)
	return err
}

// write packs the weights, with a progress bar on a terminal.
func (f *packFlags) write(cmd *cobra.Command, m *radio.Model) (p *radio.Pack, err error) {
	err = packing(cmd, func(progress func(done, total int64)) error {
		p, err = m.WritePack(cmd.Context(), f.out, progress)
		return err
	})
	return p, err
}

// packing shows a bar on a terminal while write packs.
func packing(cmd *cobra.Command, write func(progress func(done, total int64)) error) error {
	bars := newBars(cmd.ErrOrStderr())
	if bars == nil {
		return write(nil)
	}
	defer bars.stop()
	bar := bars.add(0, sides{left: []decor.Decorator{decor.Name("packing")}, right: []decor.Decorator{decor.Percentage()}})
	return write(func(done, total int64) {
		bar.SetTotal(total, false)
		bar.SetCurrent(done)
	})
}
