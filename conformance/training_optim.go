package conformance

import "fmt"

// runOptim runs a case of optim/.
func runOptim(c *trainingCase) error {
	switch c.name() {
	case "optim/schedules":
		return runSchedules(c)
	case "optim/traces":
		return runTraces(c)
	}
	return fmt.Errorf("%w: nothing here computes %s", errNotRun, c.name())
}

func init() { trainingRunners["optim"] = runOptim }
