package bench

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"cradio/graph"
	"cradio/radio"
)

// Row is what one kind of instruction takes in a forward pass: one place in the
// model, in all blocks together.
type Row struct {
	Path      string        // with * for numbers, "blocks.*.attn.qkv"
	Operation string        // "Linear+GELU"
	Count     int           // instructions
	Time      time.Duration // of all of them, the median over the runs
	FLOPs     float64       // 0 where they are not counted
}

var number = regexp.MustCompile(`\.\d+`)

// Profile runs a case a number of times, and tells where the time went: the rows
// in the order of the program. The pixels are zero.
func Profile(ctx context.Context, m *radio.Model, c Case, runs int) ([]Row, error) {
	plan, err := m.Plan(c.Batch, c.Size, c.Size, radio.Request{})
	if err != nil {
		return nil, err
	}
	machine, err := graph.NewMachine(plan)
	if err != nil {
		return nil, err
	}
	defer machine.Close()
	if err := machine.Run(ctx); err != nil {
		return nil, err
	}
	var rows []Row
	times := map[int][]float64{} // by row, one sum a run
	for range runs {
		var sums []time.Duration
		machine.Trace = func(path, operation string, took time.Duration) {
			path = number.ReplaceAllString(path, ".*")
			i := slices.IndexFunc(rows, func(r Row) bool { return r.Path == path && r.Operation == operation })
			if i < 0 {
				i = len(rows)
				rows = append(rows, Row{Path: path, Operation: operation})
			}
			for len(sums) <= i {
				sums = append(sums, 0)
			}
			sums[i] += took
			rows[i].Count++
		}
		if err := machine.Run(ctx); err != nil {
			return nil, err
		}
		for i, s := range sums {
			times[i] = append(times[i], s.Seconds())
		}
	}
	parts := Work(m.Config(), c.Batch, c.Size, c.Size)
	for i := range rows {
		rows[i].Count /= runs
		rows[i].Time = time.Duration(Median(times[i]) * float64(time.Second))
		rows[i].FLOPs = flopsOf(rows[i], parts)
	}
	return rows, nil
}

// flopsOf is the work of a row, if it is a product.
func flopsOf(r Row, parts []Part) float64 {
	if !strings.HasPrefix(r.Operation, "Linear") && !strings.HasPrefix(r.Operation, "Attention") {
		return 0
	}
	for _, p := range parts {
		if slices.Contains(p.Paths, r.Path) {
			return p.FLOPs
		}
	}
	return 0
}
