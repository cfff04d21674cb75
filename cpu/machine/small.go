package machine

import (
	"cradio/graph"
)

// smallOperations is how many of the largest small operations a small program may
// cost, all together: a tenth of a second of one core's time.
const smallOperations = 16

// Widens implements graph.Device: small programs are. Small operations are computed in
// float64 as it is; what is left to be seen is the rounding of what goes between them.
func (d *Device) Widens(p *graph.Program) bool {
	if d.options.Precision != graph.Full || d.small == 0 {
		return false
	}
	cost := 0.0
	for _, i := range p.Instructions() {
		if _, update := i.Operation().(graph.Update); !update {
			cost += multiplications(i)
		}
	}
	return cost <= smallOperations*float64(d.small)
}

// elementCost is what an element costs in float64 where it is not made of products,
// in multiplications: few where it is added, more where it takes an exp.
const elementCost = 16

// multiplications is the time of i in float64, in multiplications.
func multiplications(i *graph.Instruction) float64 {
	if flops := i.FLOPs(); flops > 0 {
		return flops / 2
	}
	if c, ok := i.Operation().(graph.Counted); ok {
		return elementCost * float64(c.Elements(i.Shapes()))
	}
	return elementCost * float64(i.Out().Shape().TotalSize())
}
