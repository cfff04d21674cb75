package optim_test

import (
	"math"
	"testing"

	"cradio/graph"
	"cradio/radio/optim"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func weight(name string, shape ...int) *graph.Weight {
	return graph.NewWeight(name, tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...)))
}

func TestGroups(t *testing.T) {
	weights := []*graph.Weight{
		weight("radio_model.model.patch_generator.embedder.weight", 4, 8),
		weight("radio_model.model.patch_generator.pos_embed", 1, 9, 4),
		weight("radio_model.model.blocks.0.attn.qkv.weight", 12, 4),
		weight("radio_model.model.blocks.2.attn.qkv.bias", 12),
		weight("head.weight", 3, 4),
		weight("head.bias", 3),
	}
	o := optim.Options{Rate: 1, Decay: 0.1, LayerDecay: 0.5, HeadFactor: 10}
	require.NoError(t, o.Check())
	var factors, decays []float64
	for _, g := range o.Groups(weights, 3) {
		factors, decays = append(factors, g.Factor), append(decays, g.Decay)
	}
	require.Equal(t, []float64{1. / 16, 1. / 16, 1. / 8, 1. / 2, 10, 10}, factors)
	require.Equal(t, []float64{0.1, 0, 0.1, 0, 0.1, 0}, decays)
	o.DecayAll = true
	for _, g := range o.Groups(weights, 3) {
		require.Equal(t, 0.1, g.Decay)
	}
}

func TestOptionErrors(t *testing.T) {
	for want, o := range map[string]optim.Options{
		"the rate is 0: must be positive and finite":                                          {},
		"the rate is NaN: must be positive and finite":                                        {Rate: math.NaN()},
		`the optimiser is "lars", want one of [adamw adam sgd]`:                               {Rate: 1, Kind: "lars"},
		"momentum is of sgd; adamw has betas":                                                 {Rate: 1, Momentum: 0.9},
		"betas and eps are of adamw; sgd has a momentum":                                      {Rate: 1, Kind: optim.SGD, Beta1: 0.9},
		"the step of Nesterov needs a momentum, such as 0.9":                                  {Rate: 1, Kind: optim.SGD, Nesterov: true},
		"beta 1 is 1: must be at least 0 and below 1":                                         {Rate: 1, Beta1: 1},
		"the weight decay is -1: must be at least 0 and below +Inf":                           {Rate: 1, Decay: -1},
		"the decay of the rate a layer is 2: must be above 0 and at most 1":                   {Rate: 1, LayerDecay: 2},
		"gradients of -1 batches are added up: must be at least 1":                            {Rate: 1, Accumulate: -1},
		"the norm to clip at is NaN: must be at least 0 and below +Inf":                       {Rate: 1, Clip: math.NaN()},
		"schedule linear has 0 steps, of which the warm-up takes 0; make the warm-up shorter": {Rate: 1, Schedule: optim.Schedule{Curve: optim.Linear}},
	} {
		require.EqualError(t, o.Check(), want)
	}
}
