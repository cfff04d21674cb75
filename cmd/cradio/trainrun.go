package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"cradio/radio"
	"cradio/radio/features"
	"cradio/radio/train"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// trained is the output of --json.
type trained struct {
	Out     string                  `json:"out"`
	Model   string                  `json:"model"`
	Steps   int                     `json:"steps"`
	Seconds number                  `json:"seconds"`
	Loss    number                  `json:"loss"` // running mean at the end
	Best    *train.Best             `json:"best"` // null without a validation part
	Last    map[string]train.Number `json:"last"`
	Train   int                     `json:"train_images"`
	Val     int                     `json:"val_images"`
	Skipped []failure               `json:"skipped"`
	Files   map[string]string       `json:"files"`
}

// training is one run of a command below train.
type training struct {
	*trainFlags
	cmd      *cobra.Command
	set      *train.Set
	failures []failure
}

// run opens the model, and trains. shape completes the recipe.
func (t *training) run(shape func(r *train.Recipe)) (err error) {
	t.model.small = -1 // training rounds as PyTorch does: small operations in float64 would only be slower
	m, err := t.model.open(t.cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	recipe, err := t.recipe(t.cmd, m, t.set.Store)
	if err != nil {
		return err
	}
	if recipe.Loss, err = t.loss.loss(t.cmd, t.set.Classes); err != nil {
		return err
	}
	recipe.Name, recipe.Smoothing = modelName(t.model.name, m), t.loss.smoothing
	shape(&recipe)
	t.set.Views = t.views
	if s := t.set.Store; s != nil && !t.size.given && s.Recipe.Grid != [2]int{} {
		patch := m.Config().Patch
		recipe.Size = [2]int{s.Recipe.Grid[0] * patch, s.Recipe.Grid[1] * patch}
	}
	options := t.options(t.cmd, recipe, len(t.set.Train))
	if len(t.set.Val) == 0 {
		const so = "the last head is kept, and nothing says how good it is; give"
		if share, err := strconv.ParseFloat(t.val, 64); err == nil && share > 0 {
			warn("there is no validation part: the contents of images choose it, and of %d none came to it with --val %s: %s a larger --val, another --seed, or more images", len(t.set.Train), t.val, so)
		} else {
			warn("there is no validation part: %s --val", so)
		}
	}
	if t.plan {
		return t.printPlan(m, recipe, options)
	}
	if err := train.CheckFolder(t.out, t.resume); err != nil {
		return err
	}
	r, task, err := t.prepare(m, recipe, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, task.Close()) }()
	r.Out, r.Resume, r.Every, r.EverySteps, r.GCPercent = t.out, t.resume, t.every, t.steps, debug.SetGCPercent
	steps := newTrainProgress(t.cmd)
	r.Planned = func(p *train.Plan) {
		say("%s", p)
		steps.begin(p.Steps)
	}
	r.Progress = steps.step
	result, err := r.Train(t.cmd.Context())
	steps.stop()
	if err != nil {
		var stopped *train.InterruptedError
		if errors.As(err, &stopped) {
			return &interruption{stopped.Error(), err}
		}
		return err
	}
	val := 0
	if task.Val != nil {
		val = task.Val.Len()
	}
	return t.report(result, task.Samples(), val)
}

// modelName is the name by which others find a model: a folder by its whole path.
func modelName(given string, m *radio.Model) string {
	if _, err := os.Stat(given); err == nil {
		return m.Source()
	}
	return given
}

// printPlan prints what would be done.
func (t *training) printPlan(m *radio.Model, recipe train.Recipe, options train.Options) error {
	p, err := train.PlanOf(t.cmd.Context(), m, t.set, recipe, options)
	if err != nil {
		return err
	}
	if t.json {
		return printJSON(t.cmd, p)
	}
	_, err = fmt.Fprintln(t.cmd.OutOrStdout(), p)
	return err
}

// prepare makes the run. The features of a frozen model are computed, and kept in the folder of the run.
func (t *training) prepare(m *radio.Model, recipe train.Recipe, options train.Options) (r *train.Run, task *train.HeadTask, err error) {
	var bar *progress
	t.set.Cache = &train.Cache{
		Run: t.out, About: features.About{Model: t.model.name, Synthetic: m.Synthetic(), Blocks: m.Config().Depth},
		Planned: func(p *features.Plan) {
			line := fmt.Sprintf("the features of %s are computed once, and kept in %s: %s", count(p.Pictures, "image"), shown(t.set.Cache.Dir()), sizeText(float64(p.Bytes)))
			if p.Present > 0 {
				line += fmt.Sprintf(" more; %d of %d are there", p.Present, p.Rows)
			}
			say("%s", line)
			if p.Missing() > 0 {
				bar = newProgressOf(t.cmd.ErrOrStderr(), p.Missing(), true, "images", "computing features")
			}
		},
	}
	t.set.Warn = func(line string) { warn("%s", line) }
	t.set.Skip = func(path string, err error) {
		fail := newFailure(path, err)
		slog.Warn("skipped: " + fail.Error)
		t.failures = append(t.failures, fail)
	}
	defer func() {
		if bar != nil {
			bar.stop()
		}
	}()
	r, task, err = train.New(t.cmd.Context(), m, t.set, recipe, options, func(int, int) {
		if bar != nil {
			bar.step()
		}
	})
	var stopped *train.FeaturesInterruptedError
	if errors.As(err, &stopped) {
		err = &interruption{stopped.Error(), err}
	}
	return r, task, err
}

// report prints what a run came to, of so many images.
func (t *training) report(r *train.Result, samples, val int) error {
	if t.json {
		out := trained{
			Out: t.out, Model: t.model.name, Steps: r.Steps, Seconds: number(r.Seconds), Loss: number(r.Loss), Best: r.Best,
			Train: samples, Val: val, Skipped: t.failures, Files: map[string]string{"head": train.HeadFolder, "metrics": train.MetricsFile, "curves": train.CurvesFile},
		}
		if r.Last != nil {
			out.Last = map[string]train.Number{}
			for name, v := range r.Last.Metrics {
				out.Last[name] = train.Number(v)
			}
		}
		if out.Skipped == nil {
			out.Skipped = []failure{}
		}
		return printJSON(t.cmd, out)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d steps in %v, loss %.4g\n", shown(t.out), r.Steps, time.Duration(r.Seconds*float64(time.Second)).Round(time.Second), r.Loss)
	if r.Best != nil {
		fmt.Fprintf(&b, "best %s %.4g, after epoch %.4g\n", r.Best.Metric, r.Best.Value, r.Best.Epoch)
	}
	_, err := t.cmd.OutOrStdout().Write([]byte(b.String()))
	return err
}

// trainProgress shows the progress of a training: a bar on a terminal, elsewhere a line every sayEvery.
type trainProgress struct {
	cmd   *cobra.Command
	bars  *bars
	bar   *mpb.Bar
	last  train.Progress
	said  time.Time
	steps int
	best  *float64 // figure of the validation part
}

func newTrainProgress(cmd *cobra.Command) *trainProgress {
	return &trainProgress{cmd: cmd, said: time.Now()}
}

func (p *trainProgress) begin(steps int) {
	p.steps = steps
	if p.bars = newBars(p.cmd.ErrOrStderr()); p.bars == nil {
		return
	}
	text := func(decor.Statistics) string { return p.text() }
	p.bar = p.bars.add(int64(steps), sides{left: []decor.Decorator{decor.CountersNoUnit("step %d of %d")}, right: []decor.Decorator{decor.Any(text)}})
}

// text is the state of the run in a line.
func (p *trainProgress) text() string {
	return fmt.Sprintf("loss %.4g, rate %.3g, %.3g images/s, %v left", p.last.Loss, p.last.Rate, p.last.Images, p.last.Left.Round(time.Second))
}

func (p *trainProgress) step(now train.Progress) {
	p.last = now
	if p.bar != nil {
		p.bar.SetCurrent(int64(now.Step))
	}
	if e := now.Evaluation; e != nil {
		p.evaluated(now, e)
		return
	}
	if p.bar == nil && time.Since(p.said) >= sayEvery {
		p.said = time.Now()
		slog.Info("training", "step", now.Step, "of", now.Steps, "loss", fmt.Sprintf("%.4g", now.Loss), "rate", fmt.Sprintf("%.3g", now.Rate),
			"images/s", fmt.Sprintf("%.3g", now.Images), "left", now.Left.Round(time.Second))
	}
}

// sayEvaluation is the least time between two lines about evaluations that are not the best so far.
const sayEvaluation = time.Second

// evaluated says how well the validation part was answered: the first time, at the end, where it is the
// best so far, and from time to time.
func (p *trainProgress) evaluated(now train.Progress, e *train.Evaluation) {
	v := e.Metrics[e.Figure]
	better := p.best == nil || v > *p.best
	if e.Lower && p.best != nil {
		better = v < *p.best
	}
	if !better && now.Step < now.Steps && time.Since(p.said) < sayEvaluation {
		return
	}
	line := fmt.Sprintf("epoch %.4g: loss %.4g, %s %.4g", now.Epoch, now.Loss, e.Figure, v)
	if better {
		p.best = &v
	} else {
		line += fmt.Sprintf(" (best %.4g)", *p.best)
	}
	say("%s", line)
	p.said = time.Now()
}

func (p *trainProgress) stop() { p.bars.stop() }

// printJSON prints one JSON object.
func printJSON(cmd *cobra.Command, v any) error {
	j := json.NewEncoder(cmd.OutOrStdout())
	j.SetEscapeHTML(false)
	return j.Encode(v)
}
