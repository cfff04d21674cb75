// Package optim says how weights change in training: by which rate at which step, and by which
// rule.
//
//	o := optim.Options{Kind: optim.AdamW, Rate: 1e-3, Schedule: optim.Schedule{Kind: optim.Cosine, Total: 1000, Warmup: 50}}
//	opt, err := optim.New(o, weights, depth) // holds the moments
//	u := opt.Step(g, gradients)              // updates of a graph: outputs of its program
//	err = u.Set(machine, step, 0)            // before each run
//	rate := o.RateAt(step)                   // what is printed is what is used
//
// A [Schedule] is a function of the step alone, so that a run that resumes needs no state of it.
// Its formulas are those of PyTorch, Hugging Face and mmsegmentation, to 1e-12. The first step is
// never at rate 0, unless Schedule.FromZero asks for it.
//
// A step is part of the program that computes the gradients: forward, backward, the norm of all
// gradients, clipping and update are one run. Each weight has its own factor of the rate and its own
// decay ([Group]).
//
// Start with [Options].
package optim
