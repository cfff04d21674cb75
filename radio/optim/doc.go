// Package optim says how weights change in training: by which rate at which step, and by which
// rule.
//
//	o := optim.Options{Kind: optim.AdamW, Rate: 1e-3, Schedule: optim.Schedule{Kind: optim.Cosine, Total: 1000, Warmup: 50}}
//	rate := o.RateAt(step)                    // what is printed is what is used
//	groups, err := o.Groups(weights, levels)  // each weight's own rate and decay
//
// A [Schedule] is a function of the step alone, so that a run that resumes needs no state of it.
// Its formulas are those of PyTorch, Hugging Face and mmsegmentation, to 1e-12. The first step is
// never at rate 0, unless Schedule.FromZero asks for it.
//
// Start with [Options].
package optim
