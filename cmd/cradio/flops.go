package main

import "cradio/radio"

// flops counts the operations of a forward pass on one image: a multiplication
// and an addition for each weight and token. With N patches, P prefix tokens,
// T = N + P, width D, hidden width M and patches of p pixels:
//
//	patches     2·N·3p²·D
//	a block     2·T·D·(4D + 2M)    qkv, proj, fc1 and fc2
//	            4·T²·D             q·kᵀ and the sum over v
//	normaliser  2·N·D²             where the checkpoint has one
//
// ViTDet's windowed blocks do not process the prefix, so T is N, and a token
// attends to the s² tokens of its window: 4·N·s²·D. Norms, softmax, GELU and adaptors, which
// run only when asked for, are not counted.
func flops(c radio.Config, height, width int) (total int64) {
	patches := int64(c.Tokens(height, width))
	tokens := patches + int64(c.Prefix())
	d, hidden, p := int64(c.Width), int64(c.Hidden), int64(c.Patch)
	total = 2 * patches * 3 * p * p * d
	for i := range c.Depth {
		in, sees := tokens, tokens
		if windowed(c, i) {
			in, sees = patches, int64(c.Window*c.Window)
		}
		total += 2*in*d*(4*d+2*hidden) + 4*in*sees*d
	}
	if c.FeatureNormalizer > 0 {
		total += 2 * patches * d * d
	}
	return total
}

// globalBlocks is the number of blocks with global attention in ViTDet mode.
const globalBlocks = 4

// windowed reports whether block i has windowed attention; see radio.ViTDet.
func windowed(c radio.Config, i int) bool {
	period := max(c.Depth/globalBlocks, 1)
	return c.Window > 0 && i < c.Depth-1 && i%period != period-1
}
