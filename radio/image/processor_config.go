package image

import "encoding/json"

// Config is the processor as a preprocessor_config.json, which ParseProcessor reads back. Class and
// Ignored, which change no pixels, are left out.
func (p *Processor) Config() ([]byte, error) {
	size := map[string]int{}
	switch {
	case p.Height > 0 || p.Width > 0:
		size["height"], size["width"] = p.Height, p.Width
	default:
		if p.ShortestEdge > 0 {
			size["shortest_edge"] = p.ShortestEdge
		}
		if p.LongestEdge > 0 {
			size["longest_edge"] = p.LongestEdge
		}
	}
	fields := map[string]any{
		"image_processor_type": "CLIPImageProcessor",
		"do_convert_rgb":       p.ConvertRGB,
		"do_resize":            p.DoResize,
		"resample":             int(p.Resample),
		"do_center_crop":       p.DoCenterCrop,
		"do_rescale":           p.DoRescale,
		"rescale_factor":       p.RescaleFactor,
		"do_normalize":         p.DoNormalize,
		"image_mean":           p.ImageMean,
		"image_std":            p.ImageStd,
	}
	if len(size) > 0 {
		fields["size"] = size
	}
	if p.DoCenterCrop {
		fields["crop_size"] = map[string]int{"height": p.CropHeight, "width": p.CropWidth}
	}
	return json.Marshal(fields)
}
