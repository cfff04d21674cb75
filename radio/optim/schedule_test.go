package optim_test

import (
	"testing"

	"cradio/radio/optim"

	"github.com/stretchr/testify/require"
)

// TestFirstStepIsNotAtRateZero: unless it was asked for.
func TestFirstStepIsNotAtRateZero(t *testing.T) {
	for _, c := range optim.Curves() {
		s := optim.Schedule{Curve: c, Total: 50, Warmup: 7, Every: 10}
		if c == optim.OneCycle {
			s.Warmup = 0
		}
		require.NoError(t, s.Check())
		require.Positive(t, s.Factor(0), c)
		for step := range 200 {
			f := s.Factor(step)
			require.GreaterOrEqual(t, f, 0.0)
			require.LessOrEqual(t, f, 1.0)
		}
		if c != optim.Step {
			require.Equal(t, s.Factor(50), s.Factor(1000), "%s stays where it ended", c)
		}
		if c != optim.OneCycle {
			require.Equal(t, 1/7.0, s.Factor(0))
			require.Equal(t, 1.0, s.Factor(6))
			require.Equal(t, 1.0, s.Factor(7))
			s.FromZero = true
			require.Zero(t, s.Factor(0))
			s.FromZero, s.Warmup = false, 1
			require.Equal(t, 1.0, s.Factor(0))
		}
	}
}

func TestScheduleErrors(t *testing.T) {
	for want, s := range map[string]optim.Schedule{
		`schedule is "cosin", want one of [constant cosine linear poly step one-cycle]`:         {Curve: "cosin"},
		"schedule cosine has 10 steps, of which the warm-up takes 10; make the warm-up shorter": {Curve: optim.Cosine, Total: 10, Warmup: 10},
		"schedule step: every 0 steps: must be at least 1":                                      {Curve: optim.Step},
		"schedule one-cycle has a warm-up of its own; leave out the warm-up of 3 steps":         {Curve: optim.OneCycle, Total: 10, Warmup: 3},
		"schedule one-cycle has 3 steps: must be at least 4":                                    {Curve: optim.OneCycle, Total: 3},
		"the warm-up starts at 2 of the rate: must be 0 to 1":                                   {From: 2},
		"the warm-up starts at 0.5 and at 0; choose one":                                        {From: 0.5, FromZero: true},
		"the last factor of the rate is -1: must be 0 to 1":                                     {Low: -1},
		"the schedule has 0 steps and a warm-up of -1: must not be negative":                    {Warmup: -1},
		"the schedule has power -1 and gamma 0: must be positive and finite":                    {Power: -1},
	} {
		require.EqualError(t, s.Check(), want)
	}
}
