package conformance

import (
	"cmp"
	"encoding/json"
	"math"
)

// MarshalJSON returns the tensors, worst first, the mean and worst ratio of each way, what did not run and
// the failures.
func (r *TrainingReport) MarshalJSON() ([]byte, error) {
	type row struct {
		Bundle   string   `json:"bundle"`
		Name     string   `json:"name"`
		Way      string   `json:"way,omitempty"`
		Max      float64  `json:"max"`
		RMS      float64  `json:"rms"`
		TorchMax float64  `json:"torch_max"`
		TorchRMS float64  `json:"torch_rms"`
		Ratio    *float64 `json:"ratio,omitempty"`
	}
	type left struct {
		Bundle string `json:"bundle"`
		Reason string `json:"reason"`
	}
	out := struct {
		Tensors []row              `json:"tensors"`
		Geomean map[string]float64 `json:"geomean"`
		Worst   map[string]float64 `json:"worst"`
		NotRun  []left             `json:"not_run"`
		Failed  []Failure          `json:"failed"`
	}{[]row{}, map[string]float64{}, map[string]float64{}, []left{}, append([]Failure{}, r.Failures...)}
	for _, t := range r.Tensors {
		x := row{Bundle: t.Bundle, Name: t.Name, Way: t.Way, Max: finite(t.Ours.Max), RMS: finite(t.Ours.RMS), TorchMax: t.Baseline.Max, TorchRMS: t.Baseline.RMS}
		if t.kind == manyNumbers && !math.IsNaN(t.Ratio) {
			x.Ratio = pointer(finite(t.Ratio))
		}
		out.Tensors = append(out.Tensors, x)
	}
	for _, way := range r.ways() {
		name := cmp.Or(way, "default")
		out.Geomean[name], out.Worst[name] = finite(r.Geomean(way)), finite(r.Worst(way))
	}
	for _, s := range r.NotRun {
		out.NotRun = append(out.NotRun, left(s))
	}
	return json.Marshal(out)
}
