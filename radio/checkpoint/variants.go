package checkpoint

import (
	"maps"
	"slices"
)

// variant is the sizes of a timm model; args.model_kwargs override them.
type variant struct {
	width, depth, heads int
	mlpRatio            float64
	layerScale          bool
	patch               int // pixels
}

// variants are the backbones of the RADIO family by their name in args.model.
// From timm's vision_transformer.py and RADIO's extra_timm_models.py; the _v2_
// names are RADIO's, with LayerScale.
var variants = map[string]variant{
	"vit_tiny_patch16_224":      {192, 12, 3, 4, false, 16},
	"vit_small_patch16_224":     {384, 12, 6, 4, false, 16},
	"vit_base_patch16_224":      {768, 12, 12, 4, false, 16},
	"vit_large_patch16_224":     {1024, 24, 16, 4, false, 16},
	"vit_huge_patch16_224":      {1280, 32, 16, 4, false, 16},
	"vit_giant_patch16_224":     {1536, 40, 24, 4, false, 16},
	"vit_base_patch16_v2_224":   {768, 12, 12, 4, true, 16},
	"vit_large_patch16_v2_224":  {1024, 24, 16, 4, true, 16},
	"vit_so400m_patch16_224":    {1152, 27, 16, 4304.0 / 1152, false, 16},
	"vit_so400m_v2_patch16_224": {1152, 27, 16, 4320.0 / 1152, false, 16},

	"vit_tiny_patch14_224":  {192, 12, 3, 4, false, 14},
	"vit_small_patch14_224": {384, 12, 6, 4, false, 14},
	"vit_base_patch14_224":  {768, 12, 12, 4, false, 14},
	"vit_large_patch14_224": {1024, 24, 16, 4, false, 14},
	"vit_huge_patch14_224":  {1280, 32, 16, 4, false, 14}, // RADIO's first version
	"vit_bigG_patch14_224":  {1664, 48, 16, 4, true, 14},
}

// variantOf returns the variant with a name. For an unknown name it returns sizes with which
// the other fields can be checked.
func variantOf(name string) (variant, bool) {
	v, ok := variants[name]
	if !ok {
		v = variants["vit_base_patch16_224"]
	}
	return v, ok
}

func variantNames() []string { return slices.Sorted(maps.Keys(variants)) }
