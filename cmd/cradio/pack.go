package main

import (
	"encoding/json"
	"fmt"

	"cradio/radio"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// packFlags are the choices of `cradio pack`.
type packFlags struct {
	dtype        string
	out          string
	verify, json bool
}

// packReport is what `cradio pack` says, as --json prints it.
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
		Short: "Keep a model's weights on disk as the kernels read them",
		Long: `pack writes the weights of the checkpoint in the folder MODEL once more, in the form
that the kernels of this machine read in one precision:

  MODEL/cradio-bfloat16-avx512-v1.pack

Every command finds that file beside the checkpoint and maps it into memory: it starts
sooner, since nothing has to be packed, and takes less memory, since the checkpoint is
not read at all. The features are the same, bit for bit. Each --dtype has its own file,
and so has each level of the machine (CRADIO_CPU; ` + "`cradio version`" + ` names it).

The file belongs to its checkpoint by the checksums of the checkpoint's files. When these
have changed it is left alone, with a warning: run pack again. Files of the same names,
sizes, times and headers are taken to be the same without reading them; where only a time
is another, as in a copy of the folder, they are read once and the new time is kept beside
the packed weights, in a file that ends in .pack.seen. A change that keeps all of these goes
unnoticed, but for --verify, which reads everything and compares checksums.

--out DIR writes elsewhere, for a MODEL that is read-only; give --packs DIR then to the
other commands. One DIR may hold those of several models: names tell them apart. A
synthetic model has no folder: ` + "`cradio synth`" + ` writes one. At level plain, float32
weights are read as they lie: there is nothing to pack.`,
		Example: `  cradio pack C-RADIOv2-B
  cradio pack C-RADIOv2-B --dtype bfloat16 && cradio embed photo.jpg --model C-RADIOv2-B --dtype bfloat16
  cradio pack C-RADIOv2-B --verify
  cradio synth B --out B && cradio pack B`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, "wants one MODEL, the folder of a checkpoint, found %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: completeModel,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	addDType(cmd, &f.dtype)
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "out", "o", "", "folder `DIR` to write to, which must exist (default MODEL)")
	flags.BoolVar(&f.verify, "verify", false, "write nothing: compare the packed weights and the checkpoint, whole, with what was packed")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
	return cmd
}

func (f *packFlags) run(cmd *cobra.Command, model string) error {
	opt := radio.Options{DType: radio.DType(f.dtype), NoPack: !f.verify, PackDir: f.out}
	if err := opt.DType.Check(); err != nil {
		return usage(cmd, "--dtype: %v", err)
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
	pack, done := m.Pack(), "as it was packed"
	if f.verify {
		err = m.VerifyPack(cmd.Context())
	} else {
		pack, err = f.write(cmd, m)
		done = "packed"
	}
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if f.json {
		return json.NewEncoder(out).Encode(packReport{pack.Path, pack.Bytes, pack.DType, pack.Layout})
	}
	_, err = fmt.Fprintf(out, "%s: %s, %s for level %s\n%s: %s\n", pack.Path, bytesText(int(pack.Bytes)), pack.DType, pack.Layout, model, done)
	return err
}

// write packs, with a bar on a terminal.
func (f *packFlags) write(cmd *cobra.Command, m *radio.Model) (*radio.Pack, error) {
	file := cmd.ErrOrStderr()
	if !isTerminal(file) || quiet() {
		return m.WritePack(cmd.Context(), f.out, nil)
	}
	bars := mpb.New(mpb.WithOutput(file), mpb.WithWidth(40), mpb.WithAutoRefresh())
	bar := bars.AddBar(0, mpb.PrependDecorators(decor.Name("packing")), mpb.AppendDecorators(decor.Percentage()))
	defer bars.Wait()
	defer bar.Abort(true)
	return m.WritePack(cmd.Context(), f.out, func(done, total int64) {
		bar.SetTotal(total, false)
		bar.SetCurrent(done)
	})
}
