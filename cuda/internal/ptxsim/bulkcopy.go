package ptxsim

import (
	"slices"
	"strings"
)

// arrival is a box that the copy engine has yet to bring.
type arrival struct {
	tensor TensorMap
	at     [3]int
	to     int // in shared memory
	warp   *warp
	lane   int
	known  known // to the warp when it asked: who waits for the barrier knows of the box
}

// deliver brings what is on its way for the barrier at an address.
func (b *block) deliver(bar uint64) {
	list := b.arrivals[bar]
	b.arrivals[bar] = nil
	for _, a := range list {
		a.bring()
	}
	m := b.bar(bar)
	for _, a := range list {
		m.bytes -= a.tensor.bytes()
		m.arriving.learn(a.known)
	}
	if len(list) > 0 {
		m.settle()
	}
}

// bring copies the box. What is outside of the tensor is 0.
func (a *arrival) bring() {
	n := a.tensor.Size
	a.tensor.each(a.at, func(offset int, address uint64) {
		v := uint64(0)
		if address != 0 {
			v = get(a.warp.globalUncounted(address, a.lane, n), n)
		}
		to := a.to + a.tensor.Swizzle.place(offset)
		put(a.warp.block.shared[to:], n, v)
	})
}

// copyBulk is cp.async.bulk and cp.reduce.async.bulk, of tensors.
func (p *parser) copyBulk(in *instruction, o *opcode, a []operand, reduce bool) {
	switch {
	case !reduce && o.flag("commit_group"):
		in.run = func(w *warp, lanes uint32) { each(lanes, func(i int) { w.stores[i].commit() }) }
		return
	case !reduce && o.flag("wait_group"):
		read := o.flag("read")
		n, ok := literal(operandText(a))
		if !ok {
			p.fail("the number of groups is not a number")
		}
		in.run = func(w *warp, lanes uint32) {
			each(lanes, func(i int) {
				w.stores[i].await(int(min(n, 1<<20)), read)
				w.awaited = true
			})
		}
		return
	}
	o.must("tensor")
	rank := map[string]int{"1d": 1, "2d": 2, "3d": 3}[o.must("1d", "2d", "3d")]
	o.flag("tile")
	kind := strings.Join(o.modifiers, ".")
	o.modifiers = nil
	switch {
	case kind == "shared::cluster.global.mbarrier::complete_tx::bytes" && !reduce && len(a) == 3:
		p.fetchBox(in, rank, a)
	case kind == "global.shared::cta.bulk_group" && !reduce && len(a) == 2, kind == "global.shared::cta.add.bulk_group" && reduce && len(a) == 2:
		p.storeBox(in, rank, a, reduce)
	default:
		p.fail("this kind of bulk copy is not known")
	}
}

func operandText(a []operand) string {
	if len(a) != 1 {
		return ""
	}
	return a[0].text
}

// box decodes [map, {x, y}]: the address of the map, and the registers of the place.
func (p *parser) box(o operand, rank int) (tensorMap address, at []int) {
	for _, c := range o.list {
		at = append(at, p.source(c, dtypes["s32"]))
	}
	if len(at) != rank {
		p.fail("%d coordinates, want %d", len(at), rank)
	}
	o.list = nil
	return p.address(generic, o), at
}

// boxOf reads the map and the place for a lane.
func (w *warp) boxOf(i, rank int, tensorMap *address, at []int) (t TensorMap, x [3]int) {
	if v := tensorMap.value(w, i); v%64 != 0 {
		fail("lane %d: the tensor map at %#x is not aligned to 64 bytes", i, v)
	}
	t = decodeMap(tensorMap.bytes(w, i, 128, 1, false), rank)
	for j, r := range at {
		x[j] = int(int32(w.r[r][i]))
	}
	return t, x
}

// boxAlign is that of a box in shared memory.
func (t *TensorMap) boxAlign() int { return max(128, 128<<t.Swizzle) }

// fetchBox is a copy from global to shared memory, of which a barrier is told.
func (p *parser) fetchBox(in *instruction, rank int, a []operand) {
	to, bar := p.address(shared, a[0]), p.address(shared, a[2])
	tensorMap, at := p.box(a[1], rank)
	in.run = func(w *warp, lanes uint32) {
		each(lanes, func(i int) {
			t, x := w.boxOf(i, rank, &tensorMap, at)
			v := to.value(w, i)
			if v%uint64(t.boxAlign()) != 0 {
				fail("lane %d: a box at %#x of shared memory, want a multiple of %d", i, v, t.boxAlign())
			}
			w.mayCopy(i, &t, false)
			w.engineBytes(v, i, t.bytes(), true)
			key := bar.value(w, i)
			if w.block.bar(key).made != nil {
				fail("lane %d: the mbarrier at %#x has been initialised, and there is no fence.mbarrier_init behind that", i, key)
			}
			w.block.arrivals[key] = append(w.block.arrivals[key], &arrival{t, x, int(v), w, i, known{slices.Clone(w.clock), slices.Clone(w.proxied)}})
			if w.block.device.Immediate {
				w.block.deliver(key)
			}
		})
	}
}
