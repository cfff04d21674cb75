package cuda

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"cradio/graph"
)

// Launches prints the launches of a run of a program for this device: the kernel, its blocks and
// threads, the shared memory of a block, and how many times as many blocks there are as
// multiprocessors (waves, if one block of the kernel fills a multiprocessor). Blocks of some kernels
// go over several pieces of work: then waves are how many times as many pieces there are as run at
// once. Launches of the
// same kernel with the same numbers are on one line, with how many there are; a name stands for
// the first of them.
func (d *Device) Launches(p *graph.Program) (string, error) {
	type line struct {
		path  string
		step  step
		count int
	}
	var lines []*line
	known := map[string]*line{}
	for _, i := range p.Instructions() {
		steps := []step{{kernel: i.String() + " in main memory"}}
		if i.Operation() != nil {
			steps = of(i.Operation()).lower(d, i)
		}
		for _, s := range steps {
			if s.err != nil {
				return "", fmt.Errorf("%s: %w", i.Path(), s.err)
			}
			if l := known[s.String()]; l != nil {
				l.count++
				continue
			}
			l := &line{i.Path(), s, 1}
			known[s.String()] = l
			lines = append(lines, l)
		}
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "launches\tkernel\tblocks\tthreads\tshared\twaves\tfirst")
	total := 0
	for _, l := range lines {
		n := l.step.grid[0] * l.step.grid[1] * l.step.grid[2]
		if l.step.waves.pieces == 0 {
			l.step.waves.pieces = n
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%d\t%.2f\t%s\n", l.count, l.step.kernel, n, l.step.block[0]*l.step.block[1]*l.step.block[2], l.step.shared,
			l.step.waves.of(d.about.Multiprocessors), l.path)
		total += l.count
	}
	w.Flush()
	fmt.Fprintf(&b, "%d launches\n", total)
	return b.String(), nil
}
