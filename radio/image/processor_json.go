package image

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

const maxProcessorBytes = 1 << 20

// ParseProcessor parses a preprocessor_config.json of CLIPImageProcessor. A field that is absent or
// null has CLIPImageProcessor's default, as in transformers. If a field that changes pixels has a
// wrong type, an unsupported value, or contradicts another field, ParseProcessor returns an
// error that names the field. Other fields are ignored, and listed in Processor.Ignored.
func ParseProcessor(data []byte) (*Processor, error) {
	p, err := parseProcessor(data)
	if err != nil {
		return nil, fmt.Errorf("preprocessor_config.json: %w", err)
	}
	return p, nil
}

func parseProcessor(data []byte) (*Processor, error) {
	if len(data) > maxProcessorBytes {
		return nil, fmt.Errorf("has %d bytes, want at most %d: this is not a preprocessor config", len(data), maxProcessorBytes)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("want a JSON object: %w", err)
	}
	if fields == nil {
		return nil, fmt.Errorf("want a JSON object, found null")
	}
	p := clipDefaults()
	p.readClass(fields)
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names) // sorted, so that the first error is the same in every run
	for _, name := range names {
		raw := bytes.TrimSpace(fields[name])
		read, known := processorFields[name]
		if !known {
			p.Ignored = append(p.Ignored, name)
		}
		if read == nil || string(raw) == "null" {
			continue
		}
		if err := read(p, raw); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if raw, ok := fields["default_to_square"]; ok && string(bytes.TrimSpace(raw)) == "true" {
		p.squareSize(fields["size"])
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// processorFields has a reader for each known field. Fields with nil do not change pixels
// (bookkeeping of transformers, batching, tensor formats).
var processorFields = map[string]func(*Processor, []byte) error{
	"do_convert_rgb": func(p *Processor, raw []byte) error { return readBool(raw, &p.ConvertRGB) },
	"do_resize":      func(p *Processor, raw []byte) error { return readBool(raw, &p.DoResize) },
	"do_center_crop": func(p *Processor, raw []byte) error { return readBool(raw, &p.DoCenterCrop) },
	"do_rescale":     func(p *Processor, raw []byte) error { return readBool(raw, &p.DoRescale) },
	"do_normalize":   func(p *Processor, raw []byte) error { return readBool(raw, &p.DoNormalize) },
	"rescale_factor": func(p *Processor, raw []byte) error { return readFloat(raw, &p.RescaleFactor) },
	"image_mean":     func(p *Processor, raw []byte) error { return readChannels(raw, &p.ImageMean) },
	"image_std":      func(p *Processor, raw []byte) error { return readChannels(raw, &p.ImageStd) },
	"size":           (*Processor).readSize,
	"crop_size":      (*Processor).readCropSize,
	"resample":       (*Processor).readResample,

	"image_processor_type":   nil, // readClass reads them
	"feature_extractor_type": nil,
	"do_pad":                 onlyFalse,
	"use_square_size":        onlyFalse,
	"pad_size":               onlyNull,
	"image_seq_length":       onlyNull,
	"default_to_square":      func(_ *Processor, raw []byte) error { return readBool(raw, new(bool)) },

	"processor_class":       nil,
	"auto_map":              nil,
	"_valid_processor_keys": nil,
	"_valid_kwargs_names":   nil,
	"_name_or_path":         nil,
	"transformers_version":  nil,
	"data_format":           nil,
	"input_data_format":     nil,
	"return_tensors":        nil,
	"device":                nil,
	"disable_grouping":      nil,
}

func readBool(raw []byte, to *bool) error {
	if err := json.Unmarshal(raw, to); err != nil {
		return fmt.Errorf("want true or false, found %s", clip(raw))
	}
	return nil
}

func readFloat(raw []byte, to *float64) error {
	if err := json.Unmarshal(raw, to); err != nil {
		return fmt.Errorf("want a number, found %s", clip(raw))
	}
	return nil
}

// readChannels reads three numbers, or one for all three channels.
func readChannels(raw []byte, to *[3]float64) error {
	var one float64
	if json.Unmarshal(raw, &one) == nil {
		*to = [3]float64{one, one, one}
		return nil
	}
	var list []float64
	if err := json.Unmarshal(raw, &list); err != nil || len(list) != 3 {
		return fmt.Errorf("want three numbers (red, green, blue), found %s", clip(raw))
	}
	copy(to[:], list)
	return nil
}

func (p *Processor) readResample(raw []byte) error {
	var code int
	if err := json.Unmarshal(raw, &code); err != nil || !Filter(code).valid() {
		return fmt.Errorf("want 0 to 5 (nearest, lanczos, bilinear, bicubic, box, hamming), found %s", clip(raw))
	}
	p.Resample = Filter(code)
	return nil
}

// readClass sets the defaults of the class that wrote the file. The defaults of classes other than
// CLIP's are unknown. For these, the processor crops and normalises only if the fields say so,
// since RADIO normalises its input.
func (p *Processor) readClass(fields map[string]json.RawMessage) {
	for _, field := range []string{"image_processor_type", "feature_extractor_type"} {
		var name string
		if json.Unmarshal(fields[field], &name) != nil || name == "" || strings.HasPrefix(name, "CLIP") {
			continue
		}
		p.Class = name
		p.DoCenterCrop, p.DoNormalize = false, false
		return
	}
}

func onlyFalse(_ *Processor, raw []byte) error {
	if string(raw) != "false" {
		return fmt.Errorf("want false or null, found %s: not supported", clip(raw))
	}
	return nil
}

func onlyNull(_ *Processor, raw []byte) error {
	return fmt.Errorf("want null, found %s: not supported", clip(raw))
}

// clip shortens a value for an error message.
func clip(raw []byte) string {
	const most = 60
	if len(raw) > most {
		return string(raw[:most]) + "…"
	}
	return string(raw)
}

// check returns an error for settings that cannot be carried out.
func (p *Processor) check() error {
	if p.DoResize {
		direct, edges := p.Height > 0 && p.Width > 0, p.ShortestEdge > 0 || p.LongestEdge > 0
		if direct == edges || min(p.Height, p.Width, p.ShortestEdge, p.LongestEdge) < 0 {
			return fmt.Errorf("size: do_resize needs either height and width, or shortest_edge, longest_edge or both; found height %d, width %d, shortest_edge %d, longest_edge %d",
				p.Height, p.Width, p.ShortestEdge, p.LongestEdge)
		}
		if p.LongestEdge > 0 && p.LongestEdge < p.ShortestEdge {
			return fmt.Errorf("size: longest_edge %d is less than shortest_edge %d", p.LongestEdge, p.ShortestEdge)
		}
	}
	if p.DoCenterCrop {
		if p.CropHeight < 1 || p.CropWidth < 1 || int64(p.CropHeight)*int64(p.CropWidth) > maxResizePixels {
			return fmt.Errorf("crop_size: do_center_crop needs a height and a width, at most %d pixels; found %d x %d",
				int64(maxResizePixels), p.CropHeight, p.CropWidth)
		}
	}
	if p.DoResize && !p.Resample.valid() {
		return fmt.Errorf("resample: want 0 to 5, found %d", int(p.Resample))
	}
	if p.DoRescale && !(p.RescaleFactor > 0 && p.RescaleFactor <= math.MaxFloat32) {
		return fmt.Errorf("rescale_factor: want a positive number, found %v", p.RescaleFactor)
	}
	for _, std := range p.ImageStd {
		if p.DoNormalize && !(std > 0 && std <= math.MaxFloat32) {
			return fmt.Errorf("image_std: do_normalize needs positive numbers, found %v", p.ImageStd)
		}
	}
	return nil
}
