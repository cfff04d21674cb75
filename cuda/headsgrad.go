package cuda

import (
	"cradio/cpu"
	"cradio/graph"
)

// Derivatives of what heads and text towers have: headsgrad.60.cu.
func init() {
	implement(func(_ *Device, k graph.SigmoidGELUGrad, i *graph.Instruction) step {
		n := size(i.Out().Shape())
		return elements("sigmoid_gelu_grad_f32", n, i.Out(), input(i, 0), input(i, 1), k.Slope, k.Cubic, int64(n))
	})
	implement(lowerLookupGrad)
	implement(lowerResizeGrad)
	implement(lowerDepthGrad)
}

func lowerLookupGrad(_ *Device, k graph.LookupGrad, i *graph.Instruction) step {
	return launch("lookup_grad_f32", [3]int{rows(k.Table), 1, 1}, [3]int{128, 1, 1}, 0,
		i.Out(), input(i, 1), input(i, 0), size(i.Shapes()[0]), last(k.Table))
}

func lowerResizeGrad(_ *Device, k graph.ResizeGrad, i *graph.Instruction) step {
	s, r := i.Shapes()[0], k.Of
	return launch("resize_grad_f32", [3]int{r.FromH * r.FromW, s[0], 1}, [3]int{128, 1, 1}, 0,
		i.Out(), input(i, 0), r.FromH, r.FromW, r.H, r.W, s[2])
}

func lowerDepthGrad(_ *Device, k graph.DepthGrad, i *graph.Instruction) step {
	s := i.Shapes()[0]
	depths, kind := depthsOf(k.Depth, last(s))
	return elements("depth_grad_f32", rows(s), i.Out(), input(i, 0), input(i, 1), depths, len(depths), kind, rows(s))
}

// depthsOf are the depths of so many scores, and the kind of weights, as kernels number them.
func depthsOf(k graph.Depth, scores int) (depths []float32, kind int) {
	for _, d := range cpu.Depths(scores, k.Low, k.High, k.Log) {
		depths = append(depths, float32(d))
	}
	return depths, map[graph.DepthWeights]int{graph.LinearWeights: 0, graph.SigmoidWeights: 1, graph.SoftmaxWeights: 2}[k.Weights]
}
