package main

import (
	"fmt"

	"cradio/radio"
)

// predictPlan is the output of --plan.
type predictPlan struct {
	Head   string `json:"head"`
	Kind   string `json:"kind"`
	Model  string `json:"model"`
	Images int    `json:"images"`
	Size   string `json:"size"` // of images, as in training
	Cost   costs  `json:"forward_pass"`
	Memory int    `json:"memory_bytes"`
	Out    string `json:"out,omitempty"`
}

// printPlan says what would be computed. No image is opened, and nothing is written.
func (p *prediction) printPlan(m *radio.Model) error {
	size := sizeFlag{Size: p.enc.Size}
	h, w, err := size.of(m)
	if err != nil {
		return err
	}
	batch := p.batch
	if p.head.Spec().Kind.Dense() {
		batch = 1
	}
	plan, err := m.Plan(batch, h, w, p.enc.Request)
	if err != nil {
		return err
	}
	out := predictPlan{
		Head: p.head.String(), Kind: string(p.head.Spec().Kind), Model: m.Source(), Images: len(p.names), Size: p.enc.Size.String(), Cost: cost(m, batch, h, w, plan), Out: p.out,
	}
	out.Memory = out.Cost.Weights + out.Cost.Packed + out.Cost.Arena
	if p.json {
		return printJSON(p.cmd, out)
	}
	_, err = fmt.Fprintf(p.cmd.OutOrStdout(), "%s on %s: %s at size %s\n%.1f GFLOP a pass of %d, %s of memory\n",
		shown(out.Head), shown(out.Model), count(out.Images, "image"), out.Size, float64(out.Cost.FLOPs)/1e9, batch, sizeText(float64(out.Memory)))
	return err
}
