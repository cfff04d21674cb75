package jpeg

import "cradio/radio/image/internal/raster"

// painter upsamples the components and converts them to RGB.
type painter struct {
	out     *raster.RGB
	convert colors
	ups     []*upsampler
	rows    [][]uint8
}

func (d *decoder) painter(out *raster.RGB) *painter {
	f := d.frame
	p := &painter{out: out, convert: d.convert, ups: make([]*upsampler, len(f.components)), rows: make([][]uint8, len(f.components))}
	for i := range p.ups {
		p.ups[i] = f.upsampler(&f.components[i])
	}
	return p
}

// paint makes rows y to end.
func (p *painter) paint(y, end int) {
	w := p.out.W
	for ; y < end; y++ {
		for i, u := range p.ups {
			p.rows[i] = u.row(y)[:w]
		}
		p.convert(p.out.Pix[3*y*w:][:3*w], p.rows)
	}
}

// looksDown reports whether a row depends on the next row of the component.
func (p *painter) looksDown() bool {
	for _, u := range p.ups {
		if u.fancy && u.dy == 2 {
			return true
		}
	}
	return false
}
