package spec

import "slices"

// Clone is a copy that shares no memory.
func (s Spec) Clone() Spec {
	s.Input, s.Widths, s.Hidden, s.Labels = slices.Clone(s.Input), slices.Clone(s.Widths), slices.Clone(s.Hidden), slices.Clone(s.Labels)
	s.Norm, s.Bins, s.Picture, s.Backbone, s.Ignore = copyOf(s.Norm), copyOf(s.Bins), copyOf(s.Picture), copyOf(s.Backbone), copyOf(s.Ignore)
	if s.Metrics != nil {
		metrics := make(map[string]float64, len(s.Metrics))
		for k, v := range s.Metrics {
			metrics[k] = v
		}
		s.Metrics = metrics
	}
	return s
}

func copyOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
