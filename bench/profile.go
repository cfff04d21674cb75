package bench

import (
	"context"
	"regexp"
	"slices"
	"time"

	"cradio/bench/report"
	"cradio/graph"
	"cradio/radio"
)

// Row is the time of one kind of instruction in a forward pass: one part of the model,
// in all blocks together. From ProfileEach, it is the time of one instruction.
type Row struct {
	Path      string        // with * instead of numbers, "blocks.*.attn.qkv"
	Operation string        // "Linear+GELU"
	Count     int           // number of instructions
	Time      time.Duration // of all of them, the median over the runs
	FLOPs     float64       // 0 if they are not counted
}

var number = regexp.MustCompile(`\.\d+`)

// Profile runs a case a number of times, and returns the time of each part of the
// forward pass, in the order of the program. The pixels are zero.
func Profile(ctx context.Context, m *radio.Model, c Case, runs int) ([]Row, error) {
	t, err := traced(ctx, m, c, runs)
	if err != nil {
		return nil, err
	}
	rows := t.kinds
	for i := range rows {
		sums := make([]float64, runs)
		for n, kind := range t.kind {
			if kind == i {
				for run := range sums {
					sums[run] += t.times[n][run]
				}
			}
		}
		rows[i].Time = time.Duration(report.Median(sums) * float64(time.Second))
	}
	return rows, nil
}

// ProfileEach is Profile with a row for each instruction. It also returns the program.
func ProfileEach(ctx context.Context, m *radio.Model, c Case, runs int) (*graph.Program, []Row, error) {
	t, err := traced(ctx, m, c, runs)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]Row, len(t.times))
	for n, i := range t.program.Instructions() {
		rows[n] = Row{
			Path: i.Path(), Operation: i.String(), Count: 1, FLOPs: i.FLOPs(),
			Time: time.Duration(report.Median(t.times[n]) * float64(time.Second)),
		}
	}
	return t.program, rows, nil
}

// trace records the times of the instructions of a program.
type trace struct {
	program *graph.Program
	times   [][]float64 // of each instruction and run, seconds
	kind    []int       // the index of each instruction in kinds
	kinds   []Row       // without their times
}

func traced(ctx context.Context, m *radio.Model, c Case, runs int) (*trace, error) {
	plan, machine, fill, closing, err := planned(m, c)
	if err != nil {
		return nil, err
	}
	defer closing()
	run := func() error {
		if err := fill(); err != nil { // the previous run may have overwritten the inputs
			return err
		}
		return machine.Run(ctx)
	}
	if err := run(); err != nil {
		return nil, err
	}
	t := &trace{program: plan, times: make([][]float64, len(plan.Instructions()))}
	for range runs {
		n := 0
		machine.Trace(func(_ *graph.Instruction, took time.Duration) {
			t.times[n] = append(t.times[n], took.Seconds())
			n++
		})
		if err := run(); err != nil {
			return nil, err
		}
	}
	t.sort()
	return t, nil
}

// planned is the program of a case, a machine that has loaded it, what fills its inputs, and what ends
// them.
func planned(m *radio.Model, c Case) (plan *graph.Program, machine graph.Machine, fill func() error, closing func(), err error) {
	if c.Train != "" {
		s, err := newTraining(m, c)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		return s.program, s.machine, s.fill, s.close, nil
	}
	fill = func() error {
		for _, n := range plan.Inputs() {
			machine.Input(n).Zero()
		}
		return nil
	}
	if c.Grad {
		d, err := newGradient(m, c)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		plan, machine = d.program, d.machine
		return plan, machine, fill, d.close, nil
	}
	if plan, err = m.Plan(c.Batch, c.Size, c.Size, radio.Request{}); err != nil {
		return nil, nil, nil, nil, err
	}
	machine, err = graph.NewMachine(plan)
	return plan, machine, fill, func() { machine.Close() }, err
}

// sort groups the instructions by kind, with the work of each.
func (t *trace) sort() {
	for _, instruction := range t.program.Instructions() {
		path, operation := number.ReplaceAllString(instruction.Path(), ".*"), instruction.String()
		i := slices.IndexFunc(t.kinds, func(r Row) bool { return r.Path == path && r.Operation == operation })
		if i < 0 {
			i = len(t.kinds)
			t.kinds = append(t.kinds, Row{Path: path, Operation: operation})
		}
		t.kinds[i].Count++
		t.kinds[i].FLOPs += instruction.FLOPs()
		t.kind = append(t.kind, i)
	}
}
