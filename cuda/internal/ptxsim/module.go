package ptxsim

// Module is a parsed PTX text.
type Module struct {
	Version string             // of the ISA, "8.0"
	Target  string             // "sm_80"
	Kernels map[string]*Kernel // by name

	variables map[string]variable // of the module: .global, .const, .shared
	shared    []string            // the names of those in static shared memory
}

// Param is a parameter of a kernel.
type Param struct {
	Name   string
	Offset int // among the parameters, in bytes
	Size   int // bytes
	align  int
}

// Kernel is one .entry.
type Kernel struct {
	Name       string
	Params     []Param
	MaxThreads int            // of a block, by .maxntid; 0 without
	Shared     int            // static shared memory, in bytes; the dynamic memory begins there
	Opcodes    map[string]int // how often each opcode stands in the text

	paramBytes int
	local      int // bytes of local memory for a thread
	code       []instruction
	registers  counts
	constants  []constant
	special    map[string]int // registers of 32 bits that hold %tid.x and others
	globals    map[string]int // registers of 64 bits that hold addresses of module variables
	module     *Module
}

// counts are how many registers of each file a kernel has. Registers of 8 and 16 bits lie in
// the lower bits of one of 32 bits, with zeros above.
type counts struct{ r32, r64, predicates int }

// constant is a register that holds an immediate operand.
type constant struct {
	register int
	is64     bool // of 64 bits
	value    uint64
}

// instruction is one step of a kernel.
type instruction struct {
	predicate int // register, or -1
	negated   bool
	kind      kind
	run       func(w *warp, lanes uint32)
	target    int // of a branch: index of an instruction
	line      int
	text      string
}

// kind is how an instruction changes the flow of control.
type kind uint8

const (
	plain kind = iota
	branch
	exit
	barrier // the warp may have to wait: see warp.waiting
	retry   // the warp may have to try once more: see warp.again
)

// variable is memory with a name.
type variable struct {
	space    string // global, const, shared, local, param
	size     int    // bytes; -1 for dynamic shared memory
	align    int
	offset   int    // in its space; not of .global and .const
	contents []byte // of .global and .const
}
