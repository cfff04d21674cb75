package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"cradio/bench/report"
	"cradio/graph"
)

// WriteProfile writes rows. For products it also writes the speed relative to peak
// (GFLOP/s, 0 if it is not known).
func WriteProfile(w io.Writer, rows []Row, peak float64) {
	all := totalOf(rows)
	t := report.Table{append([]string{"path", "operation", "count"}, costHeads...)}
	for _, r := range append(slices.Clone(rows), all) {
		t.Add(append([]string{r.Path, r.Operation, fmt.Sprint(r.Count)}, r.cost(all, peak)...)...)
	}
	t.Write(w)
}

// WriteProgram writes the program with the results of ProfileEach for each instruction.
func WriteProgram(w io.Writer, p *graph.Program, rows []Row, peak float64) {
	all := totalOf(rows)
	fmt.Fprint(w, p.Annotated(strings.Join(costHeads, "\t"), func(n int) string {
		return strings.Join(rows[n].cost(all, peak), "\t")
	}))
}

func totalOf(rows []Row) Row {
	all := Row{Path: "all"}
	for _, r := range rows {
		all.Count += r.Count
		all.Time += r.Time
		all.FLOPs += r.FLOPs
	}
	return all
}

var costHeads = []string{"ms", "share", "GFLOP/s", "of peak"}

// cost returns the cells under costHeads.
func (r Row) cost(all Row, peak float64) []string {
	speed, fraction := "", ""
	if r.FLOPs > 0 {
		speed = fmt.Sprintf("%.1f", r.FLOPs/r.Time.Seconds()/1e9)
		if peak > 0 {
			fraction = fmt.Sprintf("%.2f", r.FLOPs/r.Time.Seconds()/1e9/peak)
		}
	}
	return []string{
		fmt.Sprintf("%.3f", r.Time.Seconds()*1e3), fmt.Sprintf("%.1f %%", 100*r.Time.Seconds()/all.Time.Seconds()), speed, fraction,
	}
}
