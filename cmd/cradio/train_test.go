package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cradio/radio/head"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// trainOnNano appends what makes a training fast.
func trainOnNano(args ...string) []string {
	return append(append([]string{"train"}, args...), "--model", "synthetic:nano", "--size", "32")
}

func TestTrainClassify(t *testing.T) {
	dir := shapes(t, "12")
	out := filepath.Join(t.TempDir(), "run")
	o := cradio(trainOnNano("classify", dir, "--out", out, "--epochs", "3", "--batch", "8")...)
	o.succeeds(t)
	require.Contains(t, o.stdout, ": 6 steps in ")
	require.Contains(t, o.stdout, "best top1 ")
	require.Contains(t, o.stderr, "cradio: 6 steps of 8 samples; 386 parameters are trained")
	require.Contains(t, o.stderr, "cradio: epoch 1: loss ")
	require.NotContains(t, o.stderr, "\r", "no bar without a terminal")
	require.Equal(t, []string{"checkpoints", "confusion.png", "curves.png", "features", "head", "metrics.jsonl"}, left(t, out))

	cradio(trainOnNano("classify", dir, "--out", out, "--epochs", "3", "--batch", "8")...).fails(t, exitError, "go on with it (--resume), or choose another folder")
	cradio(trainOnNano("classify", dir, "--out", out, "--epochs", "4", "--batch", "8", "--resume")...).fails(t, exitError, "differs: epochs was 3, is 4; give the same options and data, or another folder")
	v := parsed[trained](t, cradio(trainOnNano("classify", dir, "--out", out, "--epochs", "3", "--batch", "8", "--resume", "--json")...))
	require.Equal(t, 6, v.Steps)
	require.Equal(t, 16, v.Train)
	require.Equal(t, "top1", v.Best.Metric)

	p := parsed[train.Plan](t, cradio(trainOnNano("classify", dir, "--blocks", "1", "--plan", "--json")...))
	require.Equal(t, 386+12*64*64+13*64, p.Trained)
	o = cradio(trainOnNano("classify", dir, "--lora", "2", "--plan")...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "parameters are trained (")
}

// TestTrainDiverges: a rate that is far too high is said, where the loss or an answer is NaN.
func TestTrainDiverges(t *testing.T) {
	dir := shapes(t, "12")
	o := cradio(trainOnNano("classify", dir, "--out", filepath.Join(t.TempDir(), "run"), "--epochs", "50", "--blocks", "all", "--optimizer", "sgd", "--rate", "1e6")...)
	require.Equal(t, exitError, o.code)
	require.Contains(t, o.stderr, "the rate 1e+06 is too high: try 1e+05")
	require.Contains(t, o.stderr, ".png")
}

// TestTrainEverySteps: checkpoints between evaluations, and one of a step is gone on with.
func TestTrainEverySteps(t *testing.T) {
	dir, out := shapes(t, "12"), filepath.Join(t.TempDir(), "run")
	cradio(trainOnNano("classify", dir, "--out", out, "--epochs", "4", "--batch", "4", "--every-steps", "3", "--every", "1h")...).succeeds(t)
	var steps []string
	for _, name := range left(t, filepath.Join(out, "checkpoints")) {
		if strings.HasSuffix(name, ".json") {
			steps = append(steps, name)
		}
	}
	require.Subset(t, steps, []string{"step-000000015.json", "step-000000016.json"}, "epochs end after 4, 8, 12 and 16 steps")
}

// TestTrainAdapters: adapters on any of the linears, with a scale, answer as the run did.
func TestTrainAdapters(t *testing.T) {
	dir, out := shapes(t, "12"), filepath.Join(t.TempDir(), "run")
	cradio(trainOnNano("classify", dir, "--out", out, "--epochs", "2", "--batch", "8", "--lora", "2", "--lora-alpha", "8", "--lora-targets", "qkv,fc2")...).succeeds(t)
	config := string(read(t, filepath.Join(out, "adapter", "adapter_config.json")))
	require.Regexp(t, `"lora_alpha": 8`, config)
	require.Regexp(t, `"target_modules": \[\s*"fc2",\s*"qkv"|"target_modules": \[\s*"qkv",\s*"fc2"`, config)
	best := parsed[headReport](t, cradio("eval", "head", out, dir, "--model", "synthetic:nano", "--part", "val", "--json"))
	spec, err := head.Load(filepath.Join(out, "head"))
	require.NoError(t, err)
	require.InDelta(t, spec.Spec().Metrics["top1"], float64(*best.Top1), 1e-9)
}

// TestTrainInterrupted: what was done is saved, and the message says how to go on.
func TestTrainInterrupted(t *testing.T) {
	dir := shapes(t, "12")
	out := filepath.Join(t.TempDir(), "run")
	args := trainOnNano("classify", dir, "--out", out, "--epochs", "200", "--batch", "8")
	o := interruptedAt(t, "training: step 5, of ", args...)
	o.fails(t, exitInterrupted, "to go on, give the same command with --resume")
	cradio(append(args, "--resume")...).succeeds(t)
}

func TestTrainDense(t *testing.T) {
	for kind, command := range map[string]string{"masks": "segment", "depth": "depth"} {
		dir := filepath.Join(t.TempDir(), kind)
		cradio("eval", "generate", dir, "--kind", kind, "--classes", "2", "--each", "10", "--pixels", "32").succeeds(t)
		out := filepath.Join(t.TempDir(), "run")
		o := cradio(trainOnNano(command, dir, "--out", out, "--epochs", "2", "--batch", "4", "--val", "0.3")...)
		o.succeeds(t)
		require.Contains(t, o.stdout, map[string]string{"masks": "best miou ", "depth": "best abs_rel "}[kind])
		require.FileExists(t, filepath.Join(out, "head", "head.json"))
	}
}

// TestTrainHeads: every kind of head is trained, answers, and is measured.
func TestTrainHeads(t *testing.T) {
	dirs := map[string]string{"classify": shapes(t, "12")}
	for kind, command := range map[string]string{"masks": "segment", "depth": "depth"} {
		dirs[command] = filepath.Join(t.TempDir(), kind)
		cradio("eval", "generate", dirs[command], "--kind", kind, "--classes", "2", "--each", "6", "--pixels", "32").succeeds(t)
	}
	for _, c := range []struct {
		command string
		args    []string
		holds   string
	}{
		{"classify", []string{"--head", "linear", "--norm", "fixed"}, `"fixed": true`},
		{"classify", []string{"--head", "mlp", "--hidden", "16", "--dropout", "0.1", "--norm", "none"}, `"dropout": 0.1`},
		{"classify", []string{"--head", "attentive", "--input", "features", "--hidden", "32"}, `"num_heads": 2`},
		{"segment", []string{"--head", "segment", "--input", "block:quarters", "--dropout", "0.1", "--dropout-first"}, `"dropout_first": true`},
		{"segment", []string{"--head", "fused", "--input", "block:last:2"}, `"block:2"`},
		{"segment", []string{"--head", "upsampling", "--hidden", "16,8"}, "\"hidden\": [\n    16,\n    8\n  ]"},
		{"segment", []string{"--head", "upsampling"}, "\"hidden\": [\n    32,\n    16\n  ]"},
		{"depth", []string{"--input", "features,class:last:1", "--upsample", "2", "--log-bins", "--bin-weights", "softmax", "--bins", "8"}, `"upsample": 2`},
		{"depth", []string{"--bins", "1", "--norm", "fixed"}, `"outputs": 1`},
	} {
		out := filepath.Join(t.TempDir(), "run")
		cradio(append(trainOnNano(c.command, dirs[c.command], "--out", out, "--epochs", "2", "--batch", "4", "--val", "0.3"), c.args...)...).succeeds(t)
		require.Contains(t, string(read(t, filepath.Join(out, "head", "head.json"))), c.holds)
		cradio("eval", "head", out, dirs[c.command], "--model", "synthetic:nano").succeeds(t)
	}
}

// TestTrainOptions: each loss and each way to change weights trains, is in the plan, and is compared by a resumed run.
func TestTrainOptions(t *testing.T) {
	dirs := map[string]string{"classify": shapes(t, "12")}
	for kind, command := range map[string]string{"masks": "segment", "depth": "depth"} {
		dirs[command] = filepath.Join(t.TempDir(), kind)
		cradio("eval", "generate", dirs[command], "--kind", kind, "--classes", "2", "--each", "6", "--pixels", "32").succeeds(t)
	}
	for _, c := range []struct {
		command, holds, differs string
		args                    []string
	}{
		{"classify", `"kind":"focal","weight":0.5`, "task.loss.gamma was 1.5, is not set; task.loss.terms was [", []string{"--loss", "cross-entropy,focal:0.5", "--gamma", "1.5"}},
		{"classify", `"weights":[1,3]`, "task.loss.weights was [1,3], is not set", []string{"--class-weights", "square=3", "--smoothing", "0.1"}},
		{"classify", `"nesterov":true`, "optim.schedule.every was 4, is not set", []string{"--optimizer", "sgd", "--nesterov", "--momentum", "0.8", "--rate", "0.05", "--schedule", "step", "--step-epochs", "1", "--step-factor", "0.5"}},
		{"classify", `"beta1":0.8,"beta2":0.95`, "optim.ema was 0.9, is not set", []string{"--betas", "0.8,0.95", "--eps", "1e-6", "--ema", "0.9", "--schedule", "poly", "--power", "0.9", "--accumulate", "2"}},
		{"classify", `"curve":"one-cycle"`, `optim.schedule.curve was "one-cycle", is "cosine"`, []string{"--schedule", "one-cycle", "--decay", "0.1", "--decay-all", "--clip", "0.5"}},
		{"classify", `"low":0.1`, "optim.schedule.from was 0.5, is not set", []string{"--lowest", "0.1", "--warmup", "0.5", "--warmup-from", "0.5"}},
		{"segment", `"balanced":true`, "task.loss.balanced was true, is not set", []string{"--loss", "cross-entropy,dice,focal", "--class-weights", "balanced"}},
		{"depth", `"beta":0.5`, "task.loss.beta was 0.5, is not set", []string{"--loss", "silog,smooth-l1:0.1", "--beta", "0.5"}},
	} {
		out := filepath.Join(t.TempDir(), "run")
		plain := trainOnNano(c.command, dirs[c.command], "--out", out, "--epochs", "4", "--batch", "4", "--val", "0.3")
		with := append(append([]string{}, plain...), c.args...)
		planned := parsed[train.Plan](t, cradio(append(with, "--plan", "--json")...))
		result := parsed[trained](t, cradio(append(with, "--json")...))
		require.Equal(t, planned.Steps, result.Steps, c.args)
		cradio(append(with, "--resume")...).succeeds(t)
		o := cradio(append(plain, "--resume")...)
		require.Equal(t, exitError, o.code)
		require.Regexp(t, "the run to go on with differs: .*"+regexp.QuoteMeta(c.differs), o.stderr, c.args)
		last, _, err := train.LoadLast(filepath.Join(out, train.CheckpointFolder))
		require.NoError(t, err)
		require.Contains(t, string(last.Options), c.holds, c.args)
	}
}

func TestTrainUsage(t *testing.T) {
	dir := shapes(t, "6")
	t.Chdir(t.TempDir()) // --out x
	for want, args := range map[string][]string{
		"want one DATA; found 0 arguments":                               {"classify", "--out", "x"},
		"--out is missing: give the folder to write":                     {"classify", dir},
		"--warmup 2: must be at least 0 and below 1":                     {"classify", dir, "--out", "x", "--warmup", "2"},
		"--blocks some: must be a number of blocks, or all":              {"classify", dir, "--out", "x", "--blocks", "some"},
		"the last 9 blocks are trained: must be 0 to 3":                  {"classify", dir, "--out", "x", "--blocks", "9"},
		"either blocks are trained, or adapters (LoRA); choose one":      {"classify", dir, "--out", "x", "--blocks", "1", "--lora", "2"},
		"drop path is for a backbone that is trained":                    {"classify", dir, "--out", "x", "--drop-path", "0.1"},
		"the batch size is 99, and there are only 8 samples to train on": {"classify", dir, "--out", "x", "--batch", "99"},
		"--every 5m0s, --every-steps -1: must be positive":               {"classify", dir, "--out", "x", "--every-steps", "-1"},
		"shapes: want the folders images and masks, there or below train, val and test; it has the folders test, train, val; name those of DATA by --images and --masks, see cradio train segment --help": {"segment", dir, "--out", "x"},
		"--hidden [8 8]: --head mlp has one hidden layer":                               {"classify", dir, "--out", "x", "--head", "mlp", "--hidden", "8,8"},
		"--hidden [8]: --head linear has no hidden layer":                               {"classify", dir, "--out", "x", "--hidden", "8"},
		"--hidden [0]: must be at least 1":                                              {"classify", dir, "--out", "x", "--head", "mlp", "--hidden", "0"},
		"--lora-alpha and --lora-targets are of adapters":                               {"classify", dir, "--out", "x", "--lora-alpha", "4"},
		"--lora-alpha -1: must be above 0":                                              {"classify", dir, "--out", "x", "--lora", "2", "--lora-alpha", "-1"},
		"--lora 0: must be at least 1":                                                  {"classify", dir, "--out", "x", "--lora", "0"},
		`"fc9" is the end of no Linear's name`:                                          {"classify", dir, "--out", "x", "--lora", "2", "--lora-targets", "fc9"},
		"--norm layer: must be batch, fixed or none":                                    {"classify", dir, "--out", "x", "--norm", "layer"},
		"--norm none: --head upsampling has a norm of its own":                          {"segment", dir, "--out", "x", "--head", "upsampling", "--norm", "none"},
		"--norm fixed: those of --head fused are inside it":                             {"segment", dir, "--out", "x", "--head", "fused", "--norm", "fixed"},
		`--head segment: kind is "segment", want one of [linear `:                       {"classify", dir, "--out", "x", "--head", "segment"},
		"the fixed norm of the linear head needs features that do not":                  {"classify", dir, "--out", "x", "--norm", "fixed", "--flip"},
		`kind is "forest", want one of `:                                                {"classify", dir, "--out", "x", "--head", "forest"},
		`the optimiser is "lion", want one of [adamw adam sgd]`:                         {"classify", dir, "--out", "x", "--optimizer", "lion"},
		"--momentum is of --optimizer sgd":                                              {"classify", dir, "--out", "x", "--momentum", "0.5"},
		"--nesterov is of --optimizer sgd":                                              {"classify", dir, "--out", "x", "--nesterov"},
		"--betas is of --optimizer adamw":                                               {"classify", dir, "--out", "x", "--betas", "0.9,0.99", "--optimizer", "sgd"},
		"--betas [0.9]: want two numbers":                                               {"classify", dir, "--out", "x", "--betas", "0.9"},
		"--betas [0 0.9], --eps 1e-08: must be above 0":                                 {"classify", dir, "--out", "x", "--betas", "0,0.9"},
		"--power is of --schedule poly":                                                 {"classify", dir, "--out", "x", "--power", "2"},
		"--step-epochs is of --schedule step":                                           {"classify", dir, "--out", "x", "--step-epochs", "2"},
		"--step-epochs -1: must be above 0":                                             {"classify", dir, "--out", "x", "--schedule", "step", "--step-epochs", "-1"},
		"--warmup: --schedule one-cycle has a warm-up of its own":                       {"classify", dir, "--out", "x", "--schedule", "one-cycle", "--warmup", "0.1"},
		"--accumulate 0: must be at least 1":                                            {"classify", dir, "--out", "x", "--accumulate", "0"},
		"--loss dice: want some of [cross-entropy focal]":                               {"classify", dir, "--out", "x", "--loss", "dice"},
		"--loss focal:x: the weight must be a number above 0":                           {"classify", dir, "--out", "x", "--loss", "cross-entropy,focal:x"},
		"--gamma 0: must be above 0":                                                    {"classify", dir, "--out", "x", "--loss", "focal", "--gamma", "0"},
		"gamma is of the term focal, which the loss lacks":                              {"classify", dir, "--out", "x", "--gamma", "1"},
		"--class-weights moon=2: there is no class of this name":                        {"classify", dir, "--out", "x", "--class-weights", "moon=2"},
		"--class-weights has 3 weights for 2 classes: want one for each":                {"classify", dir, "--out", "x", "--class-weights", "1,2,3"},
		"--class-weights few: must be a number of at least 0, NAME=WEIGHT, or balanced": {"classify", dir, "--out", "x", "--class-weights", "few"},
		`schedule is "up", want one of [constant cosine linear poly step one-cycle]`:    {"classify", dir, "--out", "x", "--schedule", "up"},
	} {
		o := cradio(trainOnNano(args...)...)
		require.NotZero(t, o.code, args)
		require.Contains(t, o.stderr, want, strings.Join(args, " "))
		require.NoDirExists(t, "x", args)
	}
}

// TestTrainOnStore: heads are trained on stores of cradio features, of labels and of masks.
func TestTrainOnStore(t *testing.T) {
	dir, store := shapes(t, "12"), filepath.Join(t.TempDir(), "store")
	cradio(onNano(dir, "--out", store, "--source", "summary,mean", "--out-dtype", "bfloat16")...).succeeds(t)
	o := cradio("train", "classify", store, "--model", "synthetic:nano", "--input", "summary,mean", "--out", filepath.Join(t.TempDir(), "run"), "--epochs", "3", "--batch", "8")
	o.succeeds(t)
	require.Contains(t, o.stdout, "best top1 ")
	cradio("train", "classify", store, "--model", "synthetic:nano", "--size", "64", "--plan").fails(t, exitError, "preprocessing: want size 64, ")
	cradio("train", "segment", store, "--model", "synthetic:nano", "--plan").fails(t, exitError, "has no masks or depth maps; make it with cradio features IMAGES --masks DIR, or --depth DIR")

	masks := filepath.Join(t.TempDir(), "masks")
	cradio("eval", "generate", masks, "--kind", "masks", "--classes", "2", "--each", "6", "--pixels", "32").succeeds(t)
	store = filepath.Join(t.TempDir(), "masks-store")
	cradio(onNano(filepath.Join(masks, "images"), "--masks", filepath.Join(masks, "masks"), "--out", store, "--source", "features")...).succeeds(t)
	o = cradio("train", "segment", store, "--model", "synthetic:nano", "--out", filepath.Join(t.TempDir(), "run"), "--epochs", "2", "--batch", "4")
	o.succeeds(t)
	require.Contains(t, o.stdout, "best miou ")
}

// TestTrainOnViews: all views of a store are trained on, or the first of them.
func TestTrainOnViews(t *testing.T) {
	dir, store := shapes(t, "12"), filepath.Join(t.TempDir(), "store")
	cradio(onNano(dir, "--out", store, "--views", "3")...).succeeds(t)
	args := []string{"train", "classify", store, "--model", "synthetic:nano", "--epochs", "3", "--batch", "8"}
	out := filepath.Join(t.TempDir(), "run")
	cradio(append(args, "--out", out)...).succeeds(t)
	cradio(append(args, "--out", out, "--resume", "--views", "1")...).fails(t, exitError, "differs: task.views.count was 3, is not set")
	cradio(append(args, "--out", filepath.Join(t.TempDir(), "one"), "--views", "1")...).succeeds(t)
	cradio(append(args, "--out", out+"2", "--views", "4")...).fails(t, exitError, "has 3 views of each picture, and 4 are asked for")
	cradio(append(args, "--out", out, "--views", "0")...).fails(t, exitError, "--views 0: must be at least 1")
	cradio(append(args, "--out", out+"2", "--views", "2", "--flip")...).fails(t, exitError, "2 views of each picture are asked for: they are in a store of features")
}

// TestTrainKeepsFeatures: what was computed before an interruption is not computed again, with --resume
// or without; the run's features are a store; a plan computes none.
func TestTrainKeepsFeatures(t *testing.T) {
	dir := shapes(t, "60")
	out := filepath.Join(t.TempDir(), "run")
	args := trainOnNano("classify", dir, "--out", out, "--epochs", "2", "--batch", "8")
	cradio(append(args, "--plan")...).succeeds(t)
	require.NoDirExists(t, out)
	cradio(append(args, "--resume")...).fails(t, exitError, out+": no checkpoint: nothing was saved there; leave out --resume, or give the folder of the run")
	o := interruptedAt(t, "computing features: done 3, of 100", args...)
	o.fails(t, exitInterrupted, " of 100 pictures are kept in "+filepath.Join(out, "features")+"; to go on, give the same command")
	require.Contains(t, o.stderr, "cradio: the features of 100 images are computed once, and kept in "+filepath.Join(out, "features")+": ")
	o = cradio(append(args, "--resume")...)
	o.succeeds(t)
	require.Regexp(t, `more; [1-9][0-9]* of 100 are there\n`, o.stderr)
	require.Contains(t, o.stderr, "the run was stopped before its first checkpoint: it begins with the first step")
	cradio("eval", "knn", filepath.Join(out, "features"), "--k", "3", "--test", "0.2").succeeds(t)

	o = cradio(append(args, "--resume", "--size", "64")...)
	o.fails(t, exitError, "task.size was [32,32], is [64,64]; give the same options and data, or another folder")
	require.NotContains(t, o.stderr, "computing", "nothing is computed before that is said")
}
