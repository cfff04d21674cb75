package main

import (
	"encoding/json"
	"fmt"

	"cradio/radio"

	"github.com/spf13/cobra"
)

// infoFlags are the choices of `cradio info`.
type infoFlags struct {
	model      modelFlags
	size       sizeFlag
	batch      int
	plan, json bool
}

func newInfoCmd() *cobra.Command {
	f := &infoFlags{}
	cmd := &cobra.Command{
		Use:   "info",
		Short: "A model's architecture, size and cost",
		Long: `info shows what a model is, as its config.json says, and what it costs to run it on
pictures of a size: tokens, floating-point operations and memory.

Operations are those of the backbone's matrix products, two for a weight and token:
with N patches, T tokens, width D, hidden width M and patches of p pixels,

  2·N·3p²·D + blocks · (2·T·D·(4D + 2M) + 4·T²·D)

and 2·N·D² more for a feature normaliser. In ViTDet's windows T² is N·s².
Norms, softmax, GELU and adaptors are not counted.

Memory is that of the weights, of their packed form, in which the kernels of this
machine read them, and of the arena, in which everything else of a forward pass lies.
A weight that has been packed leaves memory. ` + "`cradio pack`" + ` keeps the packed form on
disk; then the line names the file, and no weight is read.
--plan prints the compiled program: each instruction, and where in the arena its
output is.`,
		Example: `  cradio info
  cradio info --model C-RADIOv2-B --size 1024 --batch 4
  cradio info --model synthetic:nano --size 64 --plan`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.model.add(cmd)
	f.size.add(cmd, "size of the images, N×N or HxW pixels (default the model's preferred resolution)")
	cmd.Flags().IntVarP(&f.batch, "batch", "b", 1, "pictures computed together")
	cmd.Flags().BoolVar(&f.plan, "plan", false, "print the compiled program")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *infoFlags) run(cmd *cobra.Command) error {
	if f.batch < 1 {
		return usage(cmd, "--batch %d: wants 1 or more", f.batch)
	}
	m, err := f.model.open(cmd)
	if err != nil {
		return err
	}
	defer m.Close()
	h, w, err := f.size.of(m)
	if err != nil {
		return err
	}
	plan, err := m.Plan(f.batch, h, w, radio.Request{})
	if err != nil {
		return err
	}
	r := describe(m, f.model.name, m.Synthetic())
	r.Cost = cost(m, f.batch, h, w, plan)
	out := cmd.OutOrStdout()
	if f.json {
		if f.plan {
			r.Plan = plan.String()
		}
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	r.print(out)
	if f.plan {
		_, err = fmt.Fprintf(out, "\n%s", plan)
	}
	return err
}
