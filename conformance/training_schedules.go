package conformance

import (
	"fmt"
	"math"
	"strings"

	"cradio/radio/optim"
)

// trainingSchedules are the schedules of optim/schedules, over so many steps.
func trainingSchedules(total, warmup int) map[string]optim.Schedule {
	const start = 1e-6 // mmsegmentation's
	return map[string]optim.Schedule{
		"warmup_cosine":     {Curve: optim.Cosine, Total: total, Warmup: warmup, FromZero: true},
		"warmup_cosine_low": {Curve: optim.Cosine, Total: total, Warmup: warmup, FromZero: true, Low: 0.01},
		"cosine":            {Curve: optim.Cosine, Total: total},
		"linear":            {Curve: optim.Linear, Total: total, Warmup: warmup, FromZero: true},
		"warmup_poly":       {Curve: optim.Poly, Total: total, Warmup: warmup, From: start},
		"warmup_poly_0.9":   {Curve: optim.Poly, Total: total, Warmup: warmup, From: start, Power: 0.9},
		"step":              {Curve: optim.Step, Every: 15},
		"one_cycle":         {Curve: optim.OneCycle, Total: total},
	}
}

// layerDecay is the decay of the rate a layer in optim/schedules, and its number of blocks.
const (
	layerDecay  = 0.75
	layerBlocks = 12
)

// runSchedules compares every factor of every schedule, to 1e-12.
func runSchedules(c *trainingCase) error {
	const mark = 1e-12
	made := trainingSchedules(int(c.number("total", 0)), int(c.number("warmup", 0)))
	for _, name := range c.Names() {
		want, _ := c.values(name)
		factor := func(int) float64 { return layerFactor(strings.TrimPrefix(name, "layer_decay/")) }
		if s, ok := made[name]; ok {
			if err := s.Check(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			factor = s.Factor
		} else if !strings.HasPrefix(name, "layer_decay/") {
			return fmt.Errorf("%s: no schedule of this name is known", name)
		}
		for t, v := range want {
			if got := factor(t); !(math.Abs(got-v) <= mark) {
				c.report.fail(c.name(), c.way, name, fmt.Errorf("the factor of step %d is %.17g, want %.17g", t, got, v))
				break
			}
		}
	}
	return nil
}

// layerFactor is the factor of a layer's rate.
func layerFactor(layer string) float64 {
	name := map[string]string{"embeddings": "patch_generator.embedder.weight", "head": "head.weight"}[layer]
	if name == "" {
		name = layer + ".norm1.weight"
	}
	return optim.Options{LayerDecay: layerDecay}.Factor(name, layerBlocks)
}
