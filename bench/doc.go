// Package bench measures forward passes: ours alone, or beside other libraries.
//
// A Case is what is timed; an Entrant computes it when told to, and is at rest
// otherwise. Local is this library in this process, Process another program that
// answers on a pipe: a Python peer (peers/worker.py), or our own side (Serve).
//
// A virtual machine's speed moves by 10 % at any moment, and falls to half when
// its processors share one core. So nothing is believed unasked: a Gate probes the
// speed of multiply-adds before and after each entrant's turn, and a turn in which
// the probes fell or differ, or other processes took processor time, is disturbed.
// It is tried again; a round that still lacks a turn does not count. Entrants take
// turns within each round, so that they see the same machine; their medians over
// the rounds that count are compared. Disturbed turns stay in the report, named.
//
// Where to start reading: entrant.go, gate.go, suite.go (the rounds), summary.go
// (what becomes of them). Profile says where within a forward pass the time goes.
//
// The command is `cradio bench`; README.md says which one makes the results.
package bench
