package main

import (
	"encoding/binary"
	"fmt"
)

// Palette 1, the only one there is.
const (
	tileCount  = 8
	tileRows   = 16
	tileColumn = 64 // bytes of a row
	configSize = 64 // bytes of a configuration in memory
)

// tiles are the tile registers of a thread.
type tiles struct {
	configured bool
	shape      [tileCount]shape
	data       [tileCount]tile
}

type shape struct{ rows, colsb int }

// tile is a register: its rows beyond a shape, and columns, are zeros.
type tile [tileRows][tileColumn]byte

// configure loads the configuration c, of configSize bytes. All tiles become
// zeros.
func (t *tiles) configure(c []byte) error {
	*t = tiles{}
	switch {
	case c[0] == 0:
		return nil
	case c[0] != 1:
		return fmt.Errorf("palette %d: there is only palette 1", c[0])
	case c[1] != 0:
		return fmt.Errorf("start row %d: no instruction was interrupted", c[1])
	}
	for i, b := range c {
		if b != 0 && (i >= 2 && i < 16 || i >= 32 && i < 48 || i >= 56) {
			return fmt.Errorf("byte %d of the configuration is %d, and reserved", i, b)
		}
	}
	for i := range t.shape {
		s := shape{int(c[48+i]), int(binary.LittleEndian.Uint16(c[16+2*i:]))}
		if s.rows > tileRows || s.colsb > tileColumn || (s.rows == 0) != (s.colsb == 0) {
			return fmt.Errorf("tile %d of %d rows of %d bytes: want at most %d of %d, or no tile", i, s.rows, s.colsb, tileRows, tileColumn)
		}
		t.shape[i] = s
	}
	t.configured = true
	return nil
}

// configuration is what STTILECFG stores.
func (t *tiles) configuration() []byte {
	c := make([]byte, configSize)
	if !t.configured {
		return c
	}
	c[0] = 1
	for i, s := range t.shape {
		c[48+i] = byte(s.rows)
		binary.LittleEndian.PutUint16(c[16+2*i:], uint16(s.colsb))
	}
	return c
}

// check reports why the machine would refuse an instruction: #UD.
func (t *tiles) check(in instruction) error {
	if !t.configured {
		return fmt.Errorf("no tiles are configured")
	}
	used := []int{in.dst}
	if in.op >= tdpbf16ps {
		used = append(used, in.a, in.b)
	}
	for _, i := range used {
		if t.shape[i].rows == 0 {
			return fmt.Errorf("tile %d has no shape in this configuration", i)
		}
	}
	if in.op < tdpbf16ps {
		return nil
	}
	if in.dst == in.a || in.dst == in.b || in.a == in.b {
		return fmt.Errorf("tiles %d, %d and %d: they must differ", in.dst, in.a, in.b)
	}
	c, a, b := t.shape[in.dst], t.shape[in.a], t.shape[in.b]
	if (a.colsb|b.colsb|c.colsb)%4 != 0 || a.rows != c.rows || b.colsb != c.colsb || a.colsb/4 != b.rows {
		return fmt.Errorf("shapes (rows, bytes) %v = %v · %v: want (m, 4n) = (m, 4k) · (k, 4n)", c, a, b)
	}
	return nil
}

// multiply adds the product of tiles a and b to dst; check has passed.
func (t *tiles) multiply(in instruction) {
	a, b, c := &t.data[in.a], &t.data[in.b], &t.data[in.dst]
	m, k, n := t.shape[in.dst].rows, t.shape[in.a].colsb/4, t.shape[in.dst].colsb/4
	if in.op == tdpbf16ps {
		dotBFloat16(c, a, b, m, k, n)
		return
	}
	dotBytes(c, a, b, m, k, n, in.op == tdpbssd || in.op == tdpbsud, in.op == tdpbssd || in.op == tdpbusd)
}

// dotBytes adds products of bytes, four at a time, in 32 bits that wrap around.
func dotBytes(c, a, b *tile, m, k, n int, signedA, signedB bool) {
	widen := func(x byte, signed bool) int32 {
		if signed {
			return int32(int8(x))
		}
		return int32(x)
	}
	for i := range m {
		for j := range n {
			sum := int32(binary.LittleEndian.Uint32(c[i][4*j:]))
			for l := range k {
				for u := range 4 {
					sum += widen(a[i][4*l+u], signedA) * widen(b[l][4*j+u], signedB)
				}
			}
			binary.LittleEndian.PutUint32(c[i][4*j:], uint32(sum))
		}
	}
}
