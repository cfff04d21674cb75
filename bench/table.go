package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cradio/graph"
)

// table is rows of cells, the first of which is the header. It is printed as aligned
// Markdown.
type table [][]string

func (t *table) add(cells ...string) { *t = append(*t, cells) }

func (t table) write(w io.Writer) {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	line := func(row []string, pad string) {
		var b strings.Builder
		for i, cell := range row {
			fill := strings.Repeat(pad, widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				b.WriteString("| " + cell + fill + " |")
			} else {
				b.WriteString(" " + fill + cell + " |")
			}
		}
		fmt.Fprintln(w, b.String())
	}
	line(t[0], " ")
	rule := slices.Clone(t[0])
	for i := range rule {
		rule[i] = strings.Repeat("-", widths[i])
		if i > 0 {
			rule[i] = rule[i][1:] + ":"
		}
	}
	line(rule, "-")
	for _, row := range t[1:] {
		line(row, " ")
	}
}

// WriteTable writes the report as Markdown: times, ratios, and starts.
func (r *Report) WriteTable(w io.Writer) {
	m := r.Machine
	fmt.Fprintf(w, "%s, %d cores", m.CPU, m.Cores)
	if m.Memory > 0 {
		fmt.Fprintf(w, ", %d GB", (m.Memory+1<<29)>>30)
	}
	fmt.Fprintf(w, "; %s.\n%s; %s; %s.\n", strings.Join(m.Flags, " "), m.System, m.Kernels, r.Date.Format(time.DateOnly))
	versions := map[string]bool{}
	for _, c := range r.Cells {
		for _, res := range c.Results {
			for name, v := range res.Versions {
				versions[name+" "+v] = true
			}
		}
	}
	if len(versions) > 0 {
		fmt.Fprintf(w, "%s.\n", strings.Join(sorted(versions), ", "))
	}
	fmt.Fprintf(w, "\nMilliseconds of a forward pass on %d threads: medians of the rounds that count.", r.Threads)
	if r.IsPeak {
		fmt.Fprintf(w, " In parentheses: the speed relative to the float32 multiply-add peak, measured at the same time (%.0f GFLOP/s at best).", r.BestProbe)
	}
	fmt.Fprint(w, "\n\n")
	r.times().write(w)
	r.notes(w)
	if len(r.Starts) > 0 {
		c := r.Starts[0].Case
		fmt.Fprintf(w, "\nTime from the start of the process to the first embedding (%v), and peak memory.\n\n", c)
		r.starts().write(w)
	}
}

// entrants lists all, ours first.
func (r *Report) entrants() (names []string) {
	for _, c := range r.Cells {
		for _, res := range c.Results {
			if !slices.Contains(names, res.Entrant) {
				names = append(names, res.Entrant)
			}
		}
	}
	return names
}

func (r *Report) times() table {
	names := r.entrants()
	versus := len(names) > 1
	t := table{append([]string{"case", "GFLOP"}, names...)}
	if versus {
		t[0] = append(t[0], "ratio")
	}
	t[0] = append(t[0], "rounds", "discarded")
	for _, c := range r.Cells {
		row := []string{c.Case.String(), fmt.Sprintf("%.4g", c.GFLOP)}
		for _, name := range names {
			cell := ""
			for _, res := range c.Results {
				if res.Entrant == name {
					cell = res.cell(r.IsPeak)
				}
			}
			row = append(row, cell)
		}
		if versus {
			row = append(row, ratio(c.Ratio))
		}
		t.add(append(row, fmt.Sprint(c.Counted), fmt.Sprint(c.Discarded))...)
	}
	return t
}

func (r *Result) cell(peak bool) string {
	switch {
	case r.Error != "":
		return "–"
	case r.Milliseconds == 0:
		return "disturbed"
	case r.Disagrees:
		return fmt.Sprintf("%.4g, disagrees", r.Milliseconds)
	case peak:
		return fmt.Sprintf("%.4g (%.2f)", r.Milliseconds, r.Fraction)
	}
	return fmt.Sprintf("%.4g", r.Milliseconds)
}

func ratio(x float64) string {
	if x == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", x)
}

// notes lists the entrants that failed, and those whose results differ.
func (r *Report) notes(w io.Writer) {
	said := map[string]bool{}
	for _, c := range r.Cells {
		for _, res := range c.Results {
			switch {
			case res.Error != "":
				said[fmt.Sprintf("%s, %s: %s", res.Entrant, c.DType, res.Error)] = true
			case res.Disagrees:
				said[fmt.Sprintf("%s, %v: its summary differs from ours by %.2g (relative, rms), so it is not compared",
					res.Entrant, c.Case, res.Difference)] = true
			}
		}
	}
	for _, s := range r.Starts {
		if s.Error != "" {
			said[fmt.Sprintf("%s, start: %s", s.Entrant, s.Error)] = true
		}
	}
	for i, s := range sorted(said) {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, "- "+s)
	}
}

func (r *Report) starts() table {
	t := table{{"", "seconds", "MB"}}
	for _, s := range r.Starts {
		switch {
		case s.Error != "":
			t.add(s.Entrant, "–", "–")
		case s.PeakBytes == 0:
			t.add(s.Entrant, fmt.Sprintf("%.2f", s.Seconds), "–")
		default:
			t.add(s.Entrant, fmt.Sprintf("%.2f", s.Seconds), fmt.Sprint(s.PeakBytes/1e6))
		}
	}
	return t
}

func sorted(set map[string]bool) []string {
	var list []string
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

// WriteProfile writes rows. For products it also writes the speed relative to peak
// (GFLOP/s, 0 if it is not known).
func WriteProfile(w io.Writer, rows []Row, peak float64) {
	all := totalOf(rows)
	t := table{append([]string{"path", "operation", "count"}, costHeads...)}
	for _, r := range append(slices.Clone(rows), all) {
		t.add(append([]string{r.Path, r.Operation, fmt.Sprint(r.Count)}, r.cost(all, peak)...)...)
	}
	t.write(w)
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
