package train

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// evaluate answers the validation part, with the running means of the weights if there are any. If
// it is the best answer so far, what was trained is exported.
func (s *session) evaluate(ctx context.Context) error {
	err := s.answer(ctx)
	if err != nil && ctx.Err() != nil {
		return s.interrupted(err) // the run that goes on evaluates first
	}
	return err
}

func (s *session) answer(ctx context.Context) (err error) {
	if err := s.opt.Swap(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.opt.Swap()) }()
	e, err := s.Task.Evaluate(ctx)
	var wrong *scoreError
	if errors.As(err, &wrong) {
		return fmt.Errorf("after step %d: %w; %s", s.done, err, diverged(s.Options.Optim.Rate))
	}
	if err != nil {
		return err
	}
	if e == nil {
		s.evaluated = s.done
		return nil
	}
	better := e.better(s.best)
	if better {
		best := &Best{Step: s.done, Epoch: s.epoch(), Metric: e.Figure, Value: e.Metrics[e.Figure]}
		if err := s.Task.Export(ctx, s.Out, best); err != nil {
			return err
		}
		s.best = best
	}
	s.evaluated, s.last = s.done, e
	r := Record{Step: s.done, Epoch: s.epoch(), Evaluation: map[string]Number{}}
	for name, v := range e.Metrics {
		r.Evaluation[name] = Number(v)
	}
	if err := s.metrics.add(r); err != nil {
		return err
	}
	s.recent.since = time.Now()
	if !better {
		return nil
	}
	return s.drawConfusion(e)
}
