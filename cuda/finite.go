package cuda

import (
	"encoding/binary"
	"math"

	"cradio/cuda/kernels"
	"cradio/graph"
)

// finite returns the error of the first value that i has just made that is NaN or infinite.
func (m *machine) finite(i *graph.Instruction) error {
	v := i.Out()
	b := make([]byte, m.device.Bytes(v.Shape(), v.Dtype(), v.Form()))
	if err := m.device.driver.Download(b, m.places[v]); err != nil {
		return err
	}
	columns := last(v.Shape())
	for at := range v.Shape().TotalSize() {
		var bits uint32
		if v.Form() == BF16 {
			bits = uint32(binary.LittleEndian.Uint16(b[2*(at/columns*kernels.Stride(columns)+at%columns):])) << 16
		} else {
			bits = binary.LittleEndian.Uint32(b[4*at:])
		}
		if x := float64(math.Float32frombits(bits)); math.IsNaN(x) || math.IsInf(x, 0) {
			return i.NotFinite(at, x)
		}
	}
	return nil
}
