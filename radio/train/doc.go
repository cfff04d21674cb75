// Package train trains heads on a backbone's features, and backbones with them.
//
// A [Run] trains a [Task]: what has weights, a loss, and batches. It does the rest: the optimiser,
// checkpoints, metrics, evaluations, and going on after an interruption. A run that is stopped or
// killed at any moment and goes on comes to the same bits as one that is not, on any number of
// threads: everything random is a function of the seed, the epoch and the sample.
//
// Where to start:
//
//	a classifier, a segmenter, a depth head     New, with a Set and a Recipe; then Run.Train
//	something else with weights and a loss      a Task of your own, and Run
//	the commands, offline, one after another    README.md
//
// A step of training (forward, loss, backward, clipping, update) is one program of package graph.
// Where the loss or a gradient is not finite, nothing is written: the run stops, and names the first
// such value and the pictures of the batch.
//
// What a run writes into its folder:
//
//	checkpoints/     the last two and the best: [Checkpoint]
//	metrics.jsonl    a line for each [Record]
//	curves.png       loss, rate, and the main figure of the validation part
//	confusion.png    of classes
package train
