package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Table is rows of cells, the first of which is the header. It is printed as aligned
// Markdown.
type Table [][]string

// Add adds a row.
func (t *Table) Add(cells ...string) { *t = append(*t, cells) }

// Write prints the table.
func (t Table) Write(w io.Writer) {
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
	on := fmt.Sprintf("%d threads", r.Threads)
	if r.Device != "" {
		on = "device " + r.Device
		if s := r.settings(); s != "" {
			on += " (" + s + ")"
		}
	}
	fmt.Fprintf(w, "\nMilliseconds of %s on %s: medians of the rounds that count.", r.what(), on)
	if r.IsPeak {
		fmt.Fprintf(w, " In parentheses: the speed relative to the float32 multiply-add peak, measured at the same time (%.0f GFLOP/s at best).", r.BestProbe)
	}
	fmt.Fprint(w, "\n\n")
	r.times().Write(w)
	if t := r.memory(); len(t) > 1 {
		fmt.Fprint(w, "\nPeak memory of the process, MB, from its start to the end of the rounds, with the weights.\n\n")
		t.Write(w)
	}
	r.notes(w)
	if len(r.Starts) > 0 {
		c := r.Starts[0].Case
		fmt.Fprintf(w, "\nTime from the start of the process to the first embedding (%v), and peak memory.\n\n", c)
		r.starts().Write(w)
	}
}

// settings are ours, as the first case has them.
func (r *Report) settings() string {
	if len(r.Cells) > 0 && len(r.Cells[0].Results) > 0 {
		return r.Cells[0].Results[0].Settings
	}
	return ""
}

// what is what the times are of.
func (r *Report) what() string {
	if len(r.Cells) > 0 && r.Cells[0].Train != "" {
		return "a step of training"
	}
	return "a forward pass"
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

func (r *Report) times() Table {
	names := r.entrants()
	versus := len(names) > 1
	t := Table{append([]string{"case", "GFLOP"}, names...)}
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
		t.Add(append(row, fmt.Sprint(c.Counted), fmt.Sprint(c.Discarded))...)
	}
	return t
}

// memory has a row for each case of which the peak of the memory is known.
func (r *Report) memory() Table {
	names := r.entrants()
	t := Table{append([]string{"case"}, names...)}
	for _, c := range r.Cells {
		row, known := []string{c.Case.String()}, false
		for _, name := range names {
			cell := "–"
			for _, res := range c.Results {
				if res.Entrant == name && res.PeakBytes > 0 {
					cell, known = fmt.Sprint(res.PeakBytes/1e6), true
				}
			}
			row = append(row, cell)
		}
		if known {
			t.Add(row...)
		}
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

func (r *Report) starts() Table {
	t := Table{{"", "seconds", "MB"}}
	for _, s := range r.Starts {
		switch {
		case s.Error != "":
			t.Add(s.Entrant, "–", "–")
		case s.PeakBytes == 0:
			t.Add(s.Entrant, fmt.Sprintf("%.2f", s.Seconds), "–")
		default:
			t.Add(s.Entrant, fmt.Sprintf("%.2f", s.Seconds), fmt.Sprint(s.PeakBytes/1e6))
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
