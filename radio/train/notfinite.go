package train

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cradio/graph"
)

// NotFiniteError is the error of a step whose loss or gradients are not finite. The weights are
// those before the step.
type NotFiniteError struct {
	Step     int
	Pictures []string         // of the batch
	First    *graph.NotFinite // where the first NaN or infinity is; nil if it cannot be told
	At       string           // the picture that First belongs to; empty if it is of none alone
	Advice   string
}

// picturesNamed is how many pictures of a batch an error names.
const picturesNamed = 8

func (e *NotFiniteError) Error() string {
	where := "the loss or a gradient is not finite"
	if e.First != nil {
		where = e.First.Error()
	}
	if e.At != "" {
		where += ", of " + e.At
	}
	names := e.Pictures
	more := ""
	if len(names) > picturesNamed {
		more = fmt.Sprintf(" and %d more", len(names)-picturesNamed)
		names = names[:picturesNamed]
	}
	return fmt.Sprintf("step %d: %s; the pictures of the batch: %s%s; %s. Nothing of this step was kept", e.Step, where, strings.Join(names, ", "), more, e.Advice)
}

// Unwrap returns First, if there is one.
func (e *NotFiniteError) Unwrap() error {
	if e.First == nil {
		return nil
	}
	return e.First
}

// notFinite runs the batch again, without an update, to find the first value that is not finite.
func (s *session) notFinite(ctx context.Context, out outcome) error {
	e := &NotFiniteError{Step: s.done + 1, Pictures: s.samples(out.batch), Advice: diverged(s.opt.RateAt(s.done))}
	g, f, grads, err := s.gradients(s.opt)
	if err != nil {
		return errors.Join(e, err)
	}
	target := s.target()
	target.Check, target.NoFusion = true, true
	p, err := g.Compile(target, append([]*graph.Node{f.Loss}, grads...)...)
	if err != nil {
		return errors.Join(e, err)
	}
	b := &built{Graph: f, program: p}
	if b.machine, err = graph.NewMachine(p); err != nil {
		return errors.Join(e, err)
	}
	defer b.machine.Close()
	if err := b.fill(out.batch, s.Options.Seed, s.done, 0); err != nil {
		return errors.Join(e, err)
	}
	if err := b.machine.Run(ctx); !errors.As(err, &e.First) && err != nil {
		return errors.Join(e, err)
	}
	if e.First != nil && len(e.First.Index) > 1 && !strings.Contains(e.First.Path, ".grad") && e.First.Index[0] < len(e.Pictures) {
		e.At = e.Pictures[e.First.Index[0]] // entries of a batch are its first axis
	}
	return e
}
