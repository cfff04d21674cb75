package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"cradio/cpu"
	"cradio/radio"
)

// Group are pictures that are nearly the same: each has a cosine of at least the threshold to another
// one of the group.
type Group struct {
	Items  []int     // of Set
	Cosine []float64 // of each to the first
}

// The blocks of a comparison of all pairs: their products have 4 MB.
const (
	pairRows = 256
	pairCols = 4096
	pairTask = 8
)

// Duplicates returns the groups of pictures whose cosines reach a threshold, the largest groups first,
// and within a group in the order of Set. Copies of a file have a cosine of 1. progress is told how many
// blocks of rows of how many are compared; it may be nil.
//
// All pairs are compared, in float32. Where its rounding might decide, the cosine is computed in float64.
func (x *Index) Duplicates(ctx context.Context, source radio.Source, threshold float64, opt Options, progress func(done, total int)) (groups []Group, err error) {
	c, err := x.column(source)
	if err != nil {
		return nil, err
	}
	if !(threshold > 0 && threshold <= 1) {
		return nil, fmt.Errorf("the threshold is %g: must be above 0, and at most 1", threshold)
	}
	defer x.guard(&err)()
	var live []int
	for row, first := range x.first {
		if first >= 0 {
			live = append(live, row)
		}
	}
	p := &pairs{rows: c.rows, all: c.array.AllFloat32(), live: live, threshold: threshold, parent: make([]int32, len(live)), inverse: make([]float32, len(live))}
	for i, row := range live {
		p.parent[i] = int32(i)
		if n := length(p.row(row)); n > 0 {
			p.inverse[i] = float32(1 / n)
		}
	}
	if err := p.run(ctx, opt.pool(), progress); err != nil {
		return nil, err
	}
	return x.groups(c, p), nil
}

// groups collects the sets of rows, and the pictures of each row.
func (x *Index) groups(c *column, p *pairs) (list []Group) {
	items := map[int32][]int{}
	for i, row := range p.live {
		root := p.root(int32(i))
		for item := x.first[row]; item >= 0; item = x.next[item] {
			items[root] = append(items[root], int(item))
		}
	}
	for _, of := range items {
		if len(of) < 2 {
			continue
		}
		slices.Sort(of)
		g := Group{Items: of}
		first := unit(c.array.Float32(x.Row(of[0], 0)))
		for _, item := range of {
			g.Cosine = append(g.Cosine, cosine(first, c.array.Float32(x.Row(item, 0))))
		}
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b Group) int {
		return cmp.Or(cmp.Compare(len(b.Items), len(a.Items)), cmp.Compare(a.Items[0], b.Items[0]))
	})
	return list
}

// pairs compares all rows with one another.
type pairs struct {
	*rows
	all       []float32 // of every row
	live      []int     // rows
	inverse   []float32 // of the lengths of live rows
	threshold float64
	parent    []int32 // of live rows: those of one root are one group

	products           []float32 // of a block
	first, firstCol    int
	blockRows, columns int
	near               [][]pair // by task
}

// pair are two rows that may be near. sure is false if rounding might decide.
type pair struct {
	a, b int32
	sure bool
}

func (p *pairs) root(i int32) int32 {
	for p.parent[i] != i {
		p.parent[i] = p.parent[p.parent[i]]
		i = p.parent[i]
	}
	return i
}

// run compares blocks of rows with the rows from them on.
func (p *pairs) run(ctx context.Context, pool *cpu.Pool, progress func(done, total int)) error {
	n := len(p.live)
	if n < 2 {
		return nil
	}
	pool.Enter()
	defer pool.Leave()
	p.products = make([]float32, min(pairRows, n)*min(pairCols, n))
	columns := make([]float32, min(pairCols, n)*p.width)
	block := make([]float32, min(pairRows, n)*p.width)
	total := (n + pairCols - 1) / pairCols
	for i := range total {
		p.firstCol = i * pairCols
		p.columns = min(pairCols, n-p.firstCol)
		p.units(columns[:p.columns*p.width], p.firstCol)
		w := cpu.Pack(pool, columns[:p.columns*p.width], p.columns, p.width)
		for p.first = 0; p.first < p.firstCol+p.columns; p.first += pairRows {
			if err := ctx.Err(); err != nil {
				return err
			}
			p.blockRows = min(pairRows, n-p.first)
			x := p.block(block)
			op := cpu.Linear[float32]{Y: p.products[:p.blockRows*p.columns], X: x, W: w, Rows: p.blockRows}
			if err := op.Check(); err != nil {
				return err
			}
			op.Run(pool)
			tasks := (p.blockRows + pairTask - 1) / pairTask
			p.near = make([][]pair, tasks)
			pool.Run(tasks, p)
			p.join()
		}
		if progress != nil {
			progress(i+1, total)
		}
	}
	return nil
}

// units writes rows of length 1.
func (p *pairs) units(to []float32, first int) {
	for i := range len(to) / p.width {
		factor := p.inverse[first+i]
		for j, v := range p.row(p.live[first+i]) {
			to[i*p.width+j] = v * factor
		}
	}
}

// block returns the rows of the block, without a copy if nothing is between them.
func (p *pairs) block(memory []float32) []float32 {
	rows := p.live[p.first:][:p.blockRows]
	if rows[len(rows)-1]-rows[0] == len(rows)-1 {
		return p.all[rows[0]*p.width:][:len(rows)*p.width]
	}
	for i, row := range rows {
		copy(memory[i*p.width:], p.row(row))
	}
	return memory[:len(rows)*p.width]
}

// Do finds the pairs of some rows that may be near.
func (p *pairs) Do(_, task int) {
	rounding := float32(p.width+32) * 0x1p-23 // of a sum of products, in any order, and of the lengths
	least, sure := float32(p.threshold)-rounding, float32(p.threshold)+rounding
	for i := task * pairTask; i < min((task+1)*pairTask, p.blockRows); i++ {
		a := p.first + i
		for j, v := range p.products[i*p.columns:][:p.columns] {
			if v *= p.inverse[a]; v >= least && a < p.firstCol+j {
				p.near[task] = append(p.near[task], pair{int32(a), int32(p.firstCol + j), v > sure})
			}
		}
	}
}

// join makes one group of the groups of near rows.
func (p *pairs) join() {
	for _, list := range p.near {
		for _, n := range list {
			a, b := p.root(n.a), p.root(n.b)
			if a == b || !n.sure && cosine(unit(p.row(p.live[n.a])), p.row(p.live[n.b])) < p.threshold {
				continue
			}
			p.parent[max(a, b)] = min(a, b)
		}
	}
}
