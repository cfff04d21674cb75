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

// ParseProcessor reads a preprocessor_config.json of CLIPImageProcessor. A field that is absent
// or null takes CLIPImageProcessor's default, as in transformers. A field that is unknown, has
// the wrong type, or contradicts another is refused by name.
func ParseProcessor(data []byte) (*Processor, error) {
	p, err := parseProcessor(data)
	if err != nil {
		return nil, fmt.Errorf("preprocessor_config.json: %w", err)
	}
	return p, nil
}

func parseProcessor(data []byte) (*Processor, error) {
	if len(data) > maxProcessorBytes {
		return nil, fmt.Errorf("%d bytes, more than %d: this is not a preprocessor config", len(data), maxProcessorBytes)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("want a JSON object: %w", err)
	}
	if fields == nil {
		return nil, fmt.Errorf("want a JSON object, found null")
	}
	p := clipDefaults()
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names) // the first error is the same on every run
	for _, name := range names {
		raw := bytes.TrimSpace(fields[name])
		read, known := processorFields[name]
		if !known {
			return nil, fmt.Errorf("unknown field %q: want those of CLIPImageProcessor", name)
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

// processorFields reads each known field; nil ones change nothing here (bookkeeping of
// transformers, batching, tensor formats).
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

	"image_processor_type":   readProcessorType,
	"feature_extractor_type": readProcessorType,
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

// readChannels takes three numbers, or one for all three channels.
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

// readProcessorType lets the CLIP family through: another class has other defaults and steps.
func readProcessorType(_ *Processor, raw []byte) error {
	var name string
	if err := json.Unmarshal(raw, &name); err != nil || !strings.HasPrefix(name, "CLIP") {
		return fmt.Errorf("want CLIPImageProcessor, found %s: its steps are not known here", clip(raw))
	}
	return nil
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

// check refuses settings that cannot be carried out.
func (p *Processor) check() error {
	if p.DoResize {
		direct := p.Height > 0 && p.Width > 0
		if direct == (p.ShortestEdge > 0) || p.Height < 0 || p.Width < 0 || p.ShortestEdge < 0 {
			return fmt.Errorf("size: do_resize wants either height and width or shortest_edge, found height %d, width %d, shortest_edge %d",
				p.Height, p.Width, p.ShortestEdge)
		}
	}
	if p.DoCenterCrop {
		if p.CropHeight < 1 || p.CropWidth < 1 || int64(p.CropHeight)*int64(p.CropWidth) > maxResizePixels {
			return fmt.Errorf("crop_size: do_center_crop wants a height and a width, at most %d pixels, found %d x %d",
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
			return fmt.Errorf("image_std: do_normalize wants positive numbers, found %v", p.ImageStd)
		}
	}
	return nil
}
