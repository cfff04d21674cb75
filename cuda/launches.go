package cuda

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"cradio/graph"
)

// launchesLegend explains the table of Launches.
const launchesLegend = `threads, shared: of a block; bytes of dynamic shared memory
tiles: pieces of work that blocks go over, one after another; ×4: in four splits of the sums
waves: tiles, or blocks where there are no tiles, by how many of them run at once: by
       multiprocessors for kernels that do not say how many of their blocks one has room for
of: the first instruction of those whose launches are the same
`

// Launches prints the launches of a run of a program for this device, on images that come as bytes. Those of one kernel with the same numbers are on
// one line. Sums that are split are said so: each split is a tile of its own.
func (d *Device) Launches(p *graph.Program) (string, error) {
	type line struct {
		path  string
		step  step
		count int
	}
	var lines []*line
	known := map[string]*line{}
	images := pixelsOf(p)
	for _, i := range p.Instructions() {
		steps := []step{{kernel: i.String() + " in main memory"}}
		if s, ok := fromBytes(i, images); ok {
			steps = []step{s}
		} else if i.Operation() != nil {
			steps = of(i.Operation()).lower(d, i)
		}
		for _, s := range steps {
			if s.err != nil {
				return "", fmt.Errorf("%s: %w", i.Path(), s.err)
			}
			key := s.String() + s.waves.tiles()
			if l := known[key]; l != nil {
				l.count++
				continue
			}
			l := &line{i.Path(), s, 1}
			known[key] = l
			lines = append(lines, l)
		}
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "launches\tkernel\tblocks\tthreads\tshared\ttiles\twaves\tof")
	total := 0
	for _, l := range lines {
		n := l.step.grid[0] * l.step.grid[1] * l.step.grid[2]
		tiles := l.step.waves.tiles()
		if l.step.waves.pieces == 0 {
			l.step.waves.pieces = n
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%d\t%s\t%.2f\t%s\n", l.count, l.step.kernel, n, l.step.block[0]*l.step.block[1]*l.step.block[2], l.step.shared,
			tiles, l.step.waves.of(d.about.Multiprocessors), l.path)
		total += l.count
	}
	w.Flush()
	fmt.Fprintf(&b, "%d launches\n", total)
	b.WriteString(launchesLegend)
	return b.String(), nil
}
