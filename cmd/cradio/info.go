package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"cradio/cuda"
	"cradio/graph"
	"cradio/radio"

	"github.com/spf13/cobra"
)

// infoFlags are the options of `cradio info`.
type infoFlags struct {
	model      modelFlags
	size       sizeFlag
	batch      int
	gpu        string
	plan, json bool
}

func newInfoCmd() *cobra.Command {
	f := &infoFlags{}
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Show a model's architecture, size and cost",
		Long: `info shows a model's architecture, as its config.json describes it, and the cost of a
forward pass: tokens, floating-point operations and memory. Use it to choose a model, an
image size and a batch size that fit your machine.

The cost is for images of --size, in batches of --batch.

Operations are those of the backbone's matrix products. A multiplication and an addition
count as two. With N patches, T tokens, width D, hidden width M and patches of p pixels:

  2·N·3p²·D + blocks · (2·T·D·(4D + 2M) + 4·T²·D)

A feature normaliser adds 2·N·D². With ViTDet windows of s×s patches, T² becomes N·s².
Norms, softmax, GELU and adaptors are not counted.

Memory has three parts:

  weights   the weights as the model computes with them
  packed    the weights in the layout of this machine's kernels. Each weight is packed
            on first use, and its original is freed. If ` + "`cradio pack`" + ` has cached the
            packed weights, this line names the file, and the originals are not read
  arena     everything else that a forward pass needs

--plan prints the compiled program: each instruction, and the place of its output in the
arena; on a GPU, also the launches of kernels: tiles, waves, shared memory. --gpu plans for a
GPU that need not be there, in any build: ` + strings.Join(cuda.KnownGPUs(), ", ") + `, or
its compute capability and number of multiprocessors, such as 9.0:132.`,
		Example: `  cradio info
  cradio info --model C-RADIOv2-B --size 1024 --batch 4
  cradio info --model synthetic:nano --size 64 --plan
  cradio info --gpu H200 --dtype bfloat16 --batch 64 --plan`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.model.add(cmd)
	f.size.add(cmd, "size of the images, N×N or HxW pixels (default the model's preferred resolution)")
	cmd.Flags().IntVarP(&f.batch, "batch", "b", 1, "batch size (images of one size)")
	cmd.Flags().StringVar(&f.gpu, "gpu", "", "plan for a `GPU` that need not be there, see above")
	cmd.Flags().BoolVar(&f.plan, "plan", false, "print the compiled program")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	complete(cmd, "gpu", cuda.KnownGPUs()...)
	return cmd
}

func (f *infoFlags) run(cmd *cobra.Command) error {
	if f.batch < 1 {
		return usage(cmd, "--batch %d: must be at least 1", f.batch)
	}
	about, err := f.described(cmd)
	if err != nil {
		return err
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
	plan, err := f.compiled(m, about, h, w)
	if err != nil {
		return err
	}
	r := describe(m, f.model.name, m.Synthetic())
	r.Cost = cost(m, f.batch, h, w, plan)
	out := cmd.OutOrStdout()
	if f.plan {
		if r.Plan, err = listing(plan); err != nil {
			return err
		}
	}
	if f.json {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	r.print(out)
	if f.plan {
		_, err = fmt.Fprintf(out, "\n%s", r.Plan)
	}
	return err
}

// described is the GPU of --gpu.
func (f *infoFlags) described(cmd *cobra.Command) (about cuda.Description, err error) {
	if f.gpu == "" {
		return about, nil
	}
	if cmd.Flags().Changed("device") {
		return about, usage(cmd, "--gpu plans for a GPU that need not be there: leave out --device")
	}
	if about, err = cuda.Describe(f.gpu); err != nil {
		return about, usage(cmd, "--gpu: %v", err)
	}
	return about, nil
}

// compiled is the program for the model's device, or for the GPU of --gpu.
func (f *infoFlags) compiled(m *radio.Model, about cuda.Description, h, w int) (*graph.Program, error) {
	if f.gpu == "" {
		return m.Plan(f.batch, h, w, radio.Request{})
	}
	d, err := cuda.Planned(about, cuda.Options{Precision: m.Device().Options().Precision, Frozen: true})
	if err != nil {
		return nil, err
	}
	return m.PlanFor(d, f.batch, h, w, radio.Request{})
}

// listing prints a compiled program, and, of a GPU, the launches of its kernels.
func listing(p *graph.Program) (string, error) {
	gpu, ok := p.Device().(interface {
		Launches(*graph.Program) (string, error)
	})
	if !ok {
		return p.String(), nil
	}
	launches, err := gpu.Launches(p)
	return p.String() + "\n" + launches, err
}
