// Package bench measures the time of forward passes, of this library alone or
// together with other libraries.
//
//	local := &bench.Local{Threads: 2}
//	suite, _ := bench.NewSuite(pool, 7, log.Printf)
//	suite.Entrants = []bench.Entrant{local}
//	cells, err := suite.Cells(ctx, []bench.Case{{Model: "B", Size: 224, Batch: 1, DType: "float32"}}, 0)
//
// A Case is a forward pass to measure. An Entrant is a library that computes it, and
// is otherwise idle. Local is this library in this process. Process is another
// process that answers on a pipe: a Python peer (peers/worker.py), or this library
// (Serve).
//
// The speed of a virtual machine varies by 10 %, and falls to half when two of its
// processors share one core. So every measurement is checked. A Gate probes the speed
// of multiply-adds before and after each Measurement. The measurement is disturbed if a
// probe is slow, if the two differ, or if other processes used the processor. A disturbed
// measurement is repeated. A round that still lacks an undisturbed one does not count. In
// each round all entrants are measured, one after another, so that they run on the same
// machine. The results are medians over the rounds that count. The report also contains
// the disturbed measurements, with the reason.
//
// To read the code, start with entrant.go, gate.go and suite.go (the rounds). Package report
// holds the results. Profile measures the parts of a forward pass.
//
// The command is `cradio bench`. README.md describes how the published results are made.
package bench
