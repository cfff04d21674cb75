package conformance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio"
)

// Text is a folder of references for texts: MANIFEST.json, bundles of towers and of zero-shot
// scores, checkpoints as people have them, and the ids of recorded texts.
type Text struct {
	Dir   string
	Cases []string // by name: "nano/clip"

	manifest manifest
}

// TextFolder is the folder of the references for texts in a suite's folder.
const TextFolder = "text"

// textRunners has what computes the cases of each group.
var textRunners = map[string]func(c *textCase) error{
	"nano": runTower, "full": runTower, "zeroshot": runZeroShot, "checkpoints": runTextCheckpoint, "tokens": runTokens,
}

// OpenText reads the manifest of a folder of references for texts: of dir itself, or of text/ in it. ok
// is false if neither is one.
func OpenText(dir string) (t *Text, ok bool, err error) {
	for _, at := range []string{filepath.Join(dir, TextFolder), dir} {
		if !hasManifest(at) {
			continue
		}
		m, err := readManifest(at)
		if err != nil {
			return nil, false, err
		}
		if !isText(m) {
			continue
		}
		t := &Text{Dir: at, manifest: m}
		if err := t.list(); err != nil {
			return nil, false, err
		}
		return t, true, nil
	}
	return nil, false, nil
}

// isText reports whether a manifest is that of references for texts, whose towers have names of the
// adaptors and no pixels.
func isText(m manifest) bool {
	for _, name := range []string{"nano/clip", "full/clip", "zeroshot/clip", "checkpoints/clip", "tokens/pairs"} {
		if m[name] != nil {
			return true
		}
	}
	return false
}

// list fills Cases: the bundles, and the folders of checkpoints in place of what they must give.
func (t *Text) list() error {
	for name := range maps.Keys(t.manifest) {
		if slices.Contains([]string{"nano", "full", "zeroshot"}, group(name)) || name == recordedTexts {
			t.Cases = append(t.Cases, name)
		}
	}
	folders, err := os.ReadDir(filepath.Join(t.Dir, "checkpoints"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, f := range folders {
		if f.IsDir() {
			t.Cases = append(t.Cases, "checkpoints/"+f.Name())
		}
	}
	slices.Sort(t.Cases)
	return nil
}

// textCase is a case of texts while it is computed in one way.
type textCase struct {
	*trainingCase
	of *Text
}

// Run computes and compares the selected cases. Problems of one case are a Failure in the report. The
// error is that of options, of a filter that selects nothing (ErrNothing), or of ctx.
func (t *Text) Run(ctx context.Context, opt Options) (*TrainingReport, error) {
	if err := opt.Check(); err != nil {
		return nil, err
	}
	r := &TrainingReport{Of: "text"}
	for _, way := range opt.trainingWays() {
		if err := t.run(ctx, r, opt, way); err != nil {
			return nil, err
		}
	}
	if len(r.Tensors)+len(r.Failures)+len(r.NotRun) == 0 {
		return nil, fmt.Errorf("%s: %w: no name contains %q", t.Dir, ErrNothing, opt.Filter)
	}
	r.finish()
	return r, nil
}

// run runs the selected cases in one way. All but the small towers run only as users run them.
func (t *Text) run(ctx context.Context, r *TrainingReport, opt Options, way trainingWay) error {
	for i, name := range t.Cases {
		if !strings.Contains(filepath.ToSlash(filepath.Join(TextFolder, name)), opt.Filter) || way.name != "" && group(name) != "nano" {
			continue
		}
		if opt.Progress != nil {
			opt.Progress(i, len(t.Cases), TextFolder+"/"+name)
		}
		m, err := newTowerMachine(opt, way)
		if err != nil {
			return err
		}
		err = t.one(&textCase{trainingCase: &trainingCase{ctx: ctx, report: r, way: way, opt: opt, machine: m, seen: map[string]bool{}}, of: t}, name)
		m.close()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errNotRun):
			r.notRun(name, strings.TrimPrefix(err.Error(), errNotRun.Error()+": "))
		case err != nil:
			r.fail(name, way, "", err)
		}
	}
	return nil
}

// newTowerMachine is newMachine of towers, whose weights never change and are packed, as users' are.
func newTowerMachine(opt Options, way trainingWay) (machine, error) {
	if opt.Machine == Tape {
		return tapeMachine{}, nil
	}
	own := graph.DeviceOptions{Threads: opt.Threads, Small: way.small, Frozen: true, Precision: opt.precision()}
	device, err := graph.Open(opt.device(), own)
	return &deviceMachine{device: device, noFusion: way.noFusion}, err
}

// one runs a case, and fails what it did not compare.
func (t *Text) one(c *textCase, name string) error {
	bundle := name
	if group(name) == "checkpoints" {
		var err error
		if bundle, err = t.givenBy(name); err != nil {
			return err
		}
	}
	b := &Bundle{Name: name, path: filepath.Join(t.Dir, filepath.FromSlash(bundle)+suffix), entry: t.manifest[bundle]}
	if name == recordedTexts {
		b.path = filepath.Join(t.Dir, recordedTexts+".jsonl.gz")
	}
	if err := b.checksum(); err != nil {
		return err
	}
	switch {
	case (c.opt.DType == radio.Int8 || c.opt.DType == radio.TF32 || c.opt.DType == radio.Float64) && name != recordedTexts:
		return fmt.Errorf("%w: towers are compared in float32 and bfloat16, not in %s", errNotRun, c.opt.DType)
	case name == recordedTexts:
		c.data = &data{bundle: b, reference: b}
		return runTokens(c)
	}
	f, err := loader.OpenFile(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	c.data = &data{File: f, bundle: b, reference: b}
	if err := textRunners[group(name)](c); err != nil {
		return err
	}
	for _, n := range c.names(truthPrefix) {
		if !c.seen[n] {
			return fmt.Errorf("%s was not compared", n)
		}
	}
	return c.err
}
