package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"cradio/conformance/internal/metadata"
	"cradio/loader"
	"cradio/loader/strictjson"
)

// trainingRunners has what computes the cases of each group of train/: heads, losses,
// operations and optimisers. A case of another group is reported as not run.
//
// A runner builds the case's graph with trainingCase.network, or computes in another way, and
// compares every tensor of truth/ (trainingCase.compare). A tensor that it leaves out fails.
var trainingRunners = map[string]func(c *trainingCase) error{
	"augment":  runAugment,
	"evaluate": runEvaluate,
}

// Training is a folder of references for training: MANIFEST.json, and a folder of bundles for
// each group.
type Training struct {
	Dir   string
	Cases []string // by name: "losses/dice"

	manifest manifest
	options  map[string]map[string]json.RawMessage
}

// TrainingFolder is the folder of the references for training in a suite's folder.
const TrainingFolder = "train"

// OpenTraining reads the manifest of a folder of references for training: of dir itself, or of train/ in
// it. ok is false if neither is one.
func OpenTraining(dir string) (t *Training, ok bool, err error) {
	for _, at := range []string{filepath.Join(dir, TrainingFolder), dir} {
		if !hasManifest(at) {
			continue
		}
		m, err := readManifest(at)
		if err != nil {
			return nil, false, err
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(m)), isTraining) {
			continue
		}
		t := &Training{Dir: at, Cases: slices.Sorted(maps.Keys(m)), manifest: m}
		data, err := loader.ReadBounded(filepath.Join(at, manifestName), metadata.MaxManifest)
		if err != nil {
			return nil, false, err
		}
		if err := strictjson.Unmarshal(data, strictjson.Limits{Bytes: metadata.MaxManifest}, &t.options); err != nil {
			return nil, false, fmt.Errorf("%s: %w", filepath.Join(at, manifestName), err)
		}
		return t, true, nil
	}
	return nil, false, nil
}

// trainingGroups are the folders of bundles, as make_train.py writes them.
var trainingGroups = []string{"augment", "evaluate", "finetune", "heads", "lora", "losses", "norms", "optim"}

// isTraining reports whether a bundle of this name is a case of training.
func isTraining(name string) bool {
	return slices.Contains(trainingGroups, group(name))
}

// group is the folder of a case.
func group(name string) string {
	g, _, _ := strings.Cut(name, "/")
	return g
}

// trainingWay is one way of computing a case. Its mark is the same in all.
type trainingWay struct {
	name     string // "" is how users run it
	small    int    // as Options.Small
	noFusion bool
}

// trainingWays are the ways on a machine: small programs are computed in float64 unless the limit
// of small operations is negative, and nothing is in float64 without fusion.
func (o Options) trainingWays() []trainingWay {
	switch {
	case o.Machine == Tape: // which knows no fusion
		return []trainingWay{{name: unfused}}
	case o.Small < 0:
		return []trainingWay{{name: fastPath, small: o.Small}}
	case o.Small > 0:
		return []trainingWay{{small: o.Small}}
	}
	return []trainingWay{{}, {name: fastPath, small: -1}, {name: unfused, noFusion: true}}
}

// The names of ways.
const (
	fastPath = "fast path"
	unfused  = "unfused"
)

// Run computes and compares the selected cases, each in every way. Problems of one case are a Failure
// in the report. The error is that of options, of a filter that selects nothing (ErrNothing), or of ctx.
func (t *Training) Run(ctx context.Context, opt Options) (*TrainingReport, error) {
	if err := opt.Check(); err != nil {
		return nil, err
	}
	r := &TrainingReport{Of: "training"}
	for _, way := range opt.trainingWays() {
		o := opt
		o.Small = way.small
		m, err := newMachine(o)
		if err != nil {
			return nil, err
		}
		if d, ok := m.(*deviceMachine); ok {
			d.noFusion = way.noFusion
		}
		err = t.run(ctx, r, opt, m, way)
		m.close()
		if err != nil {
			return nil, err
		}
	}
	if len(r.Tensors)+len(r.Failures)+len(r.NotRun) == 0 {
		return nil, fmt.Errorf("%s: %w: no name contains %q", t.Dir, ErrNothing, opt.Filter)
	}
	r.finish()
	return r, nil
}

// run runs the selected cases in one way.
func (t *Training) run(ctx context.Context, r *TrainingReport, opt Options, m machine, way trainingWay) error {
	for i, name := range t.Cases {
		if !strings.Contains(filepath.ToSlash(filepath.Join(TrainingFolder, name)), opt.Filter) {
			continue
		}
		if opt.Progress != nil {
			opt.Progress(i, len(t.Cases), name)
		}
		runner := trainingRunners[group(name)]
		if runner == nil {
			r.notRun(name, "nothing here computes "+group(name)+"/")
			continue
		}
		if opt.rounds() {
			r.notRun(name, fmt.Sprintf("training is not compared in %s", opt.DType))
			continue
		}
		if err := t.one(ctx, r, name, runner, opt, m, way); err != nil {
			r.fail(name, way, "", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// one runs a case, and fails what it did not compare.
func (t *Training) one(ctx context.Context, r *TrainingReport, name string, runner func(*trainingCase) error, opt Options, m machine, way trainingWay) error {
	b := &Bundle{Name: name, path: filepath.Join(t.Dir, filepath.FromSlash(name)+suffix), entry: t.manifest[name]}
	if err := b.checksum(); err != nil {
		return err
	}
	f, err := loader.OpenFile(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	c := &trainingCase{
		data: &data{File: f, bundle: b, reference: b}, ctx: ctx, report: r, way: way, opt: opt, machine: m,
		facts: t.options[name], seen: map[string]bool{},
	}
	err = runner(c)
	if errors.Is(err, errNotRun) {
		r.notRun(name, err.Error())
		return nil
	}
	if err != nil || c.err != nil {
		return errors.Join(err, c.err)
	}
	for _, n := range c.names(truthPrefix) {
		if !c.seen[n] && !c.stateOnTape(n) {
			r.fail(name, way, n, errors.New("was not compared"))
		}
	}
	return nil
}
