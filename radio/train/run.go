package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/optim"
)

// Names of what a run writes into its folder.
const (
	CheckpointFolder = "checkpoints"
	MetricsFile      = "metrics.jsonl"
	CurvesFile       = "curves.png"
	ConfusionFile    = "confusion.png"
)

// session is a Run while it runs.
type session struct {
	*Run
	order   *data.Batches
	opt     *optim.Optimizer
	state   []stored
	step    *stepper
	metrics *metrics
	watch   watch
	steps   int // of the optimiser, in all
	options json.RawMessage

	done      int // steps
	evaluated int // after which step the last evaluation was
	best      *Best
	last      *Evaluation
	began     time.Time
	before    float64 // seconds of earlier runs
	images    float64 // since began
	saved     time.Time
	recent    recent
	restore   func()       // the garbage collector; or nil
	release   func() error // the folder
}

// recent is what was measured since the last record.
type recent struct {
	losses
	images int
	since  time.Time
}

// losses are those of some steps.
type losses struct {
	Sum   float64 `json:"sum"`
	Steps int     `json:"steps"`
}

// Train trains to the end, or until ctx is done. Then it finishes the step, saves a checkpoint and
// returns an *InterruptedError. The result does not depend on the number of threads, nor on
// interruptions: it is the same to the last bit.
func (r *Run) Train(ctx context.Context) (result *Result, err error) {
	s, err := r.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.loop(ctx); err != nil {
		return nil, err
	}
	return s.finish(ctx)
}

// Plan compiles the run and says what it will take, without a step.
func (r *Run) Plan() (*Plan, error) {
	s, err := r.prepare()
	if err != nil {
		return nil, err
	}
	return s.plan(s.opt, s.steps, s.step.programs()...)
}

// prepare checks the options and compiles the steps.
func (r *Run) prepare() (*session, error) {
	s := &session{Run: r}
	o, err := s.settle(r.Options, r.Task.Samples())
	if err != nil {
		return nil, err
	}
	if s.opt, err = optim.New(o, r.Task.Weights(), r.Task.Depth()); err != nil {
		return nil, err
	}
	if s.options, err = marshalled(r.Options); err != nil {
		return nil, err
	}
	s.state = stateOf(r.Task, s.opt)
	s.step, err = r.compile(s.opt)
	return s, err
}

// open prepares a run, and goes to where it is to begin.
func (r *Run) open() (s *session, err error) {
	dir := filepath.Join(r.Out, CheckpointFolder)
	if err := CheckFolder(r.Out, r.Resume); err != nil {
		return nil, err
	}
	if s, err = r.prepare(); err != nil {
		return nil, err
	}
	if err := s.take(dir); err != nil {
		return nil, err
	}
	release := s.release
	defer func() {
		if err != nil {
			err = errors.Join(err, release())
		}
	}()
	if r.Resume {
		if err := s.resume(dir); err != nil {
			return nil, err
		}
	}
	if err := writeSamples(dir, s.Task); err != nil {
		return nil, err
	}
	if err := s.announce(); err != nil {
		return nil, err
	}
	if s.step.why != "" {
		s.log().Warn(s.step.why)
	}
	if err := s.step.load(); err != nil {
		return nil, err
	}
	s.metrics, err = openMetrics(filepath.Join(r.Out, MetricsFile), s.done, s.evaluated)
	if err != nil {
		return nil, errors.Join(err, s.step.close())
	}
	now := time.Now()
	s.began, s.saved, s.recent.since = now, now, now
	return s, nil
}

// take makes the folder of the run, which no other process may write to meanwhile, and removes what one that
// was killed has left half-written. dir is that of the checkpoints.
func (s *session) take(dir string) (err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return loader.WriteError(dir, err)
	}
	if s.release, err = features.Lock(dir); err != nil {
		return err
	}
	if err := errors.Join(loader.RemoveLeftovers(s.Out), loader.RemoveLeftovers(dir)); err != nil {
		return errors.Join(err, s.release())
	}
	return nil
}

// announce tells what the run will take, and bounds its garbage.
func (s *session) announce() error {
	if s.Planned == nil && s.GCPercent == nil {
		return nil
	}
	p, err := s.plan(s.opt, s.steps, s.step.programs()...)
	if err != nil {
		return err
	}
	if s.Planned != nil {
		s.Planned(p)
	}
	if s.GCPercent != nil {
		before := s.GCPercent(p.GCPercent())
		s.restore = func() { s.GCPercent(before) }
	}
	return nil
}

// loop runs the steps that are left.
func (s *session) loop(ctx context.Context) error {
	each := s.opt.Batches()
	loading, stop := context.WithCancel(context.WithoutCancel(ctx)) // a step that has begun is finished
	defer stop()
	next, end := iter.Pull2(s.Task.Batches(loading, s.order, s.done*each, s.steps*each))
	defer end()
	if s.done > 0 && s.evaluates() && s.evaluated != s.done {
		if err := s.evaluate(ctx); err != nil {
			return err
		}
		if err := s.save(); err != nil {
			return err
		}
	}
	for s.done < s.steps {
		if err := ctx.Err(); err != nil {
			return s.interrupted(err)
		}
		out, err := s.step.run(loading, s.done, s.Options.Seed, next)
		if err != nil {
			return err
		}
		if !isFinite(out.loss) || !isFinite(out.norm) {
			return s.notFinite(loading, out)
		}
		s.done++
		if err := s.after(ctx, out); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) interrupted(cause error) error {
	if err := s.save(); err != nil {
		return err
	}
	if len(s.metrics.records) > 0 {
		if err := s.drawCurves(); err != nil { // the run is saved: it can go on
			s.log().Warn(err.Error())
		}
	}
	return &InterruptedError{s.Out, s.done, s.steps, cause}
}

// drawCurves draws what was recorded so far.
func (s *session) drawCurves() error {
	title, figure := fmt.Sprintf("Training, %d steps", s.steps), ""
	if s.done < s.steps {
		title = fmt.Sprintf("Training, %d of %d steps", s.done, s.steps)
	}
	if s.best != nil {
		figure = s.best.Metric
	}
	return writeSheet(filepath.Join(s.Out, CurvesFile), Curves(title, s.metrics.records, figure))
}

// after does what follows a step: records, evaluation, checkpoint.
func (s *session) after(ctx context.Context, out outcome) error {
	n := s.Options.Batch * s.opt.Batches()
	s.recent.Sum += out.loss
	s.recent.Steps++
	s.recent.images += n
	s.images += float64(n)
	rate := s.opt.RateAt(s.done - 1)
	if warning := s.watch.add(out.loss, rate); warning != "" {
		s.log().Warn(warning)
	}
	evaluates := s.evaluates()
	if evaluates || s.done == 1 || s.done%recordEvery == 0 {
		if err := s.record(out, rate); err != nil {
			return err
		}
	}
	if evaluates {
		if err := s.evaluate(ctx); err != nil {
			return err
		}
	}
	if evaluates || s.due() {
		if err := s.save(); err != nil {
			return err
		}
	}
	if s.Progress != nil {
		p := Progress{Step: s.done, Steps: s.steps, Epoch: s.epoch(), Loss: s.watch.Mean, Rate: rate, Norm: out.norm}
		took := time.Since(s.began)
		p.Images = s.images / took.Seconds()
		p.Left = time.Duration(float64(s.steps-s.done) * float64(n) / p.Images * float64(time.Second))
		if evaluates {
			p.Evaluation = s.last
		}
		s.Progress(p)
	}
	return nil
}

// recordEvery is the number of steps between two records.
const recordEvery = 10

// epoch is how many epochs are done.
func (s *session) epoch() float64 {
	return float64(s.done*s.opt.Batches()) / float64(s.order.Steps())
}

// evaluates says whether the validation part is answered after this step: at the end of an epoch,
// every EvalEvery of them, and at the end.
func (s *session) evaluates() bool {
	if s.done == s.steps {
		return true
	}
	each := s.order.Steps() * max(1, s.Options.EvalEvery)
	b := s.opt.Batches()
	return s.done*b/each > (s.done-1)*b/each
}

// due says whether it is time for a checkpoint.
func (s *session) due() bool {
	every := s.Every
	if every == 0 {
		every = 5 * time.Minute
	}
	return time.Since(s.saved) >= every || s.EverySteps > 0 && s.done%s.EverySteps == 0
}

// record writes what was measured since the last record.
func (s *session) record(out outcome, rate float64) error {
	r := Record{
		Step: s.done, Epoch: s.epoch(), Loss: number(s.recent.Sum / float64(s.recent.Steps)), Rate: number(rate), Norm: number(out.norm),
		Images: number(float64(s.recent.images) / time.Since(s.recent.since).Seconds()),
	}
	s.recent = recent{since: time.Now()}
	return s.metrics.add(r)
}

func (s *session) save() error {
	tensors, err := tensorsOf(s.state)
	if err != nil {
		return err
	}
	c := &Checkpoint{
		Step: s.done, Epoch: s.epoch(), Seconds: s.before + time.Since(s.began).Seconds(), Best: s.best,
		Evaluated: s.evaluated, Options: s.options, Data: s.Task.Sum(), Tensors: tensors, Loss: s.watch, Recent: s.recent.losses,
	}
	if l, ok := s.Task.(Listed); ok {
		c.Val = l.Sums().Val
	}
	if err := c.Save(filepath.Join(s.Out, CheckpointFolder)); err != nil {
		return err
	}
	s.saved = time.Now()
	return nil
}

// finish exports what was trained, unless an evaluation has chosen it, and draws the curves.
func (s *session) finish(ctx context.Context) (*Result, error) {
	if warning := s.watch.end(s.Options.Optim.Rate); warning != "" {
		s.log().Warn(warning)
	}
	if s.best == nil {
		if err := s.opt.Swap(); err != nil {
			return nil, err
		}
		err := errors.Join(s.Task.Export(ctx, s.Out, nil), s.opt.Swap())
		if err != nil && ctx.Err() != nil {
			return nil, &InterruptedError{s.Out, s.done, s.steps, err} // it was saved after the last step
		}
		if err != nil {
			return nil, err
		}
	}
	if err := s.drawCurves(); err != nil {
		return nil, err
	}
	return &Result{
		Steps: s.done, Loss: s.watch.Mean, Best: s.best, Last: s.last, Records: s.metrics.records, Seconds: s.before + time.Since(s.began).Seconds(),
	}, nil
}

func (s *session) drawConfusion(e *Evaluation) error {
	if e.Confusion == nil {
		return nil
	}
	note := fmt.Sprintf("val after step %d: %s %.4g", s.done, e.Figure, e.Metrics[e.Figure])
	return writeSheet(filepath.Join(s.Out, ConfusionFile), *confusionSheet(note, e))
}

func (s *session) close() error {
	if s.restore != nil {
		s.restore()
	}
	return errors.Join(s.metrics.close(), s.step.close(), s.release())
}

// samples names the pictures of a batch.
func (s *session) samples(b *Batch) (names []string) {
	for _, i := range b.Samples {
		names = append(names, s.Task.Name(i))
	}
	return names
}

// target is what steps are compiled for. Inputs are filled before each run.
func (r *Run) target() graph.Target {
	t := r.Target
	t.Consume = true
	return t
}
