// Package machine is the CPU as a graph.Device: it runs compiled programs with the kernels
// of package cpu. Import it for its effect to register the device "cpu", the default, which
// also defines what each operation computes:
//
//	import _ "cradio/cpu/machine"
//
// [New] opens the device with options of its own, such as a pool of threads that devices
// share.
//
// The parts:
//
//   - table.go is the table from operation to implementation. Each file named after a
//     family of operations (linear.go, attention.go) binds them to the structs of package
//     cpu.
//   - device.go answers what graph.Compile asks: what is implemented, the forms of values,
//     bytes. small.go says which programs are computed in float64.
//   - bind.go and machine.go make a program's arena, bind its instructions to it, and run
//     them. Runs allocate nothing.
//   - packedweights.go keeps packed weights: weights in the layout of the kernels. All programs of
//     a device share them. constants.go computes once what depends on frozen weights alone.
//     versions.go has both made anew once a weight has changed.
//   - memory.go looks how much memory there is before any is taken.
//
// In bfloat16 and int8 activations lie in memory as a cpu.Activations: the forms [BF16] and
// [Int8]. linear.go decides which are rounded to what.
//
// Start with table.go, then bind.go.
package machine
