package kernel

import "encoding/binary"

// forVendor is a table with what is fast on processors of a vendor. The flag alone
// does not tell: Intel's VDPBF16PS runs at half the rate of float32 multiply-adds
// (Sapphire Rapids: 0.44 of their peak, where float32 reaches 0.65), so that there
// bfloat16 is better widened.
func forVendor(t *Table, vendor string) *Table {
	if vendor == "GenuineIntel" {
		t.BFloat16, t.BFloat16Slim, t.Interleave = Tiles{}, Tiles{}, nil
	}
	return t
}

// vendor names who made the processor.
func vendor() string {
	_, b, c, d := cpuid(0, 0)
	name := binary.LittleEndian.AppendUint32(nil, b)
	name = binary.LittleEndian.AppendUint32(name, d)
	return string(binary.LittleEndian.AppendUint32(name, c))
}

// cpuid is what the processor says of itself (CPUID).
//
//go:noescape
func cpuid(leaf, sub uint32) (a, b, c, d uint32)

// xcr0 is which state of a thread the system saves (XGETBV).
//
//go:noescape
func xcr0() uint64
