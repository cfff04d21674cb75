package conformance

import (
	"fmt"

	"cradio/radio"

	"gorgonia.org/tensor"
)

// runIntermediates compares all outputs of the calls of forward_intermediates that a bundle lists.
// They are tokens (B, prefix + h·w, D), named call/output.
func (r *run) runIntermediates(d *data, m *radio.Model) error {
	pixels, err := d.pixels()
	if err != nil {
		return err
	}
	for i, c := range d.bundle.facts.Calls {
		req, err := request(c)
		if err != nil {
			return fmt.Errorf("call %d: %w", i, err)
		}
		out, err := r.machine.forward(r.ctx, m, pixels, radio.Request{Intermediates: req})
		if err != nil {
			return fmt.Errorf("call %d: %w", i, err)
		}
		if len(out.Intermediates) != c.Outputs {
			r.fail(d.bundle, fmt.Sprint(i), fmt.Errorf("has %d outputs, want %d as in the reference", len(out.Intermediates), c.Outputs))
			continue
		}
		for j, got := range out.Intermediates {
			name := fmt.Sprintf("%d/%d", i, j)
			tokens, err := joinTokens(got.Prefix, got.Features)
			if err != nil {
				return fmt.Errorf("call %d: %w", i, err)
			}
			r.addTruth(d, name, name, tokens)
		}
	}
	return nil
}

// joinTokens concatenates (B, P, D) and (B, N, D) to (B, P + N, D).
func joinTokens(prefix, patches *tensor.Dense) (*tensor.Dense, error) {
	p, err := float64s(prefix)
	if err != nil {
		return nil, err
	}
	q, err := float64s(patches)
	if err != nil {
		return nil, err
	}
	s := prefix.Shape()
	b, n, m := s[0], s[1]*s[2], patches.Shape()[1]*s[2]
	var joined []float64
	for i := range b {
		joined = append(append(joined, p[i*n:][:n]...), q[i*m:][:m]...)
	}
	return tensor.New(tensor.WithShape(b, s[1]+patches.Shape()[1], s[2]), tensor.WithBacking(joined)), nil
}
