package ptxsim

// sends are the bulk stores of a lane, in groups of which the last is open. Shared memory is read at the wait for that,
// which is the latest that it may be, and global memory is written at the wait for all, or when the warp ends.
type sends struct {
	groups [][]*sending
	read   []*sending // whose memory may be used again
}

// sending is a box on its way.
type sending struct {
	read  func() []byte
	write func(box []byte)
	box   []byte
}

func (s *sends) add(job *sending) {
	if len(s.groups) == 0 {
		s.groups = [][]*sending{nil}
	}
	open := len(s.groups) - 1
	s.groups[open] = append(s.groups[open], job)
}

func (s *sends) commit() {
	if len(s.groups) == 0 {
		s.groups = [][]*sending{nil}
	}
	s.groups = append(s.groups, nil)
}

// await reads the boxes of all groups but the last n that have been committed, and writes them, unless `read` is all.
func (s *sends) await(n int, read bool) {
	for len(s.groups)-1 > n {
		for _, job := range s.groups[0] {
			job.box = append([]byte(nil), job.read()...)
			s.read = append(s.read, job)
		}
		s.groups = s.groups[1:]
	}
	if !read {
		s.land()
	}
}

// land writes what has been read.
func (s *sends) land() {
	for _, job := range s.read {
		job.write(job.box)
	}
	s.read = nil
}

// storeBox is a copy, or an addition of float32, from shared to global memory.
func (p *parser) storeBox(in *instruction, rank int, a []operand, sum bool) {
	from := p.address(shared, a[1])
	tensorMap, at := p.box(a[0], rank)
	in.run = func(w *warp, lanes uint32) {
		each(lanes, func(i int) {
			t, x := w.boxOf(i, rank, &tensorMap, at)
			v := from.value(w, i)
			if v%uint64(t.boxAlign()) != 0 || sum && t.Size != 4 {
				fail("lane %d: a box at %#x of shared memory, want a multiple of %d, and float32 for sums", i, v, t.boxAlign())
			}
			w.mayCopy(i, &t, true)
			if w.block.races != nil && w.stored {
				fail("lane %d: lanes have stored in shared memory, and there is no barrier before the copy", i)
			}
			w.engineBytes(v, i, t.bytes(), false)
			job := &sending{
				read:  func() []byte { return w.engineBytes(v, i, t.bytes(), false) },
				write: func(box []byte) { w.sendBox(i, &t, x, box, sum) },
			}
			if w.block.device.Immediate {
				job.write(job.read())
				return
			}
			w.stores[i].add(job)
		})
	}
}

// sendBox writes a box to a tensor. What is outside of it is left out.
func (w *warp) sendBox(lane int, t *TensorMap, x [3]int, box []byte, sum bool) {
	device := w.block.device
	device.atomics.Lock()
	defer device.atomics.Unlock()
	t.each(x, func(offset int, address uint64) {
		if address == 0 {
			return
		}
		b, v := w.globalUncounted(address, lane, t.Size), get(box[t.Swizzle.place(offset):], t.Size)
		if sum {
			v = uint64(bits32(f32(uint32(get(b, 4))) + f32(uint32(v))))
		}
		put(b, t.Size, v)
	})
}
