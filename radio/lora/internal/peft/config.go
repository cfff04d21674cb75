// Package peft reads and writes the adapter_config.json of PEFT, as far as adapters of low rank need
// it.
package peft

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cradio/loader/strictjson"
)

// Config says which Linears have an adapter, and of what size: what matters of PEFT's
// adapter_config.json.
type Config struct {
	// Rank is the width between the two factors; its numbers are r·(In + Out).
	Rank int
	// Alpha scales the adapter: by Alpha/Rank, or with RSLoRA by Alpha/√Rank.
	Alpha  float64
	RSLoRA bool
	// Targets are ends of module names, such as "qkv", "attn.proj", "fc1", "fc2": a subset of the four
	// Linears of a block. Empty means qkv and proj.
	Targets []string
	// Blocks are the blocks whose Linears have adapters; empty means all.
	Blocks []int
	// Base names the model that the adapter is for.
	Base string

	// Ignored are fields of the file that change nothing here: they are about training with PEFT.
	Ignored []string

	pattern string // target_modules as a pattern, instead of Targets
}

// defaultTargets are those of most adapters of vision transformers.
var defaultTargets = []string{"proj", "qkv"}

// Scale is the factor of the adapter.
func (c Config) Scale() float64 {
	if c.RSLoRA {
		return c.Alpha / math.Sqrt(float64(c.Rank))
	}
	return c.Alpha / float64(c.Rank)
}

const maxRank = 1 << 14

// Check refuses sizes that no adapter has.
func (c *Config) Check() error {
	if c.Rank < 1 || c.Rank > maxRank {
		return fmt.Errorf("r is %d, want 1 to %d", c.Rank, maxRank)
	}
	if math.IsNaN(c.Alpha) || math.Abs(c.Alpha) > math.MaxFloat32 {
		return fmt.Errorf("lora_alpha is %v, want a number", c.Alpha)
	}
	for _, t := range c.Targets {
		if t == "" {
			return errors.New(`target_modules has an empty name, want ends of names such as "qkv"`)
		}
	}
	for _, b := range c.Blocks {
		if b < 0 {
			return fmt.Errorf("layers_to_transform has %d, want blocks from 0", b)
		}
	}
	return nil
}

// Covers says whether a module has an adapter, as PEFT decides it.
func (c *Config) Covers(module string) bool {
	targets := c.Targets
	if len(targets) == 0 {
		targets = defaultTargets
	}
	if c.pattern != "" {
		return c.matches(module)
	}
	if !slices.ContainsFunc(targets, func(t string) bool { return module == t || strings.HasSuffix(module, "."+t) }) {
		return false
	}
	return len(c.Blocks) == 0 || slices.Contains(c.Blocks, BlockOf(module))
}

// matches is Covers for a pattern.
func (c *Config) matches(module string) bool {
	p, err := regexp.Compile("^(?:" + c.pattern + ")$")
	return err == nil && p.MatchString(module)
}

var blockPattern = regexp.MustCompile(`(?:^|\.)blocks\.(\d{1,6})\.`)

// BlockOf is the number of a module's block, -1 where it is in none.
func BlockOf(module string) int {
	m := blockPattern.FindStringSubmatch(module)
	if m == nil {
		return -1
	}
	n, _ := strconv.Atoi(m[1]) // digits, by the pattern
	return n
}

// JSON is the file as PEFT writes it, with every field that it needs to read it back.
func (c Config) JSON() ([]byte, error) {
	targets := slices.Sorted(slices.Values(c.Targets)) // PEFT keeps a set
	if len(targets) == 0 {
		targets = defaultTargets
	}
	fields := map[string]any{
		"peft_type": "LORA", "task_type": nil, "inference_mode": true, "base_model_name_or_path": c.Base,
		"r": c.Rank, "lora_alpha": c.Alpha, "use_rslora": c.RSLoRA, "target_modules": targets,
		"lora_dropout": 0.0, "bias": "none", "fan_in_fan_out": false, "init_lora_weights": true, "modules_to_save": nil,
		"use_dora": false, "rank_pattern": map[string]int{}, "alpha_pattern": map[string]int{},
		"layers_to_transform": nil, "layers_pattern": nil,
	}
	if c.pattern != "" {
		fields["target_modules"] = c.pattern
	}
	if len(c.Blocks) > 0 {
		fields["layers_to_transform"], fields["layers_pattern"] = c.Blocks, "blocks"
	}
	text, err := json.MarshalIndent(fields, "", "  ")
	return append(text, '\n'), err
}

// ConfigFile is the name of the file, MaxBytes the size of the largest that is read.
const (
	ConfigFile = "adapter_config.json"
	MaxBytes   = 1 << 20
)

// Parse reads the file. A field that changes what the adapter computes and is not implemented here is an
// error that names it; so is one that is not known and says something.
func Parse(text []byte) (*Config, error) {
	var fields map[string]json.RawMessage
	if err := strictjson.Unmarshal(text, strictjson.Limits{Bytes: MaxBytes, Depth: 16}, &fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, errors.New("want an object, found null")
	}
	c := &Config{Rank: 8, Alpha: 8} // PEFT's defaults
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		raw := bytes.TrimSpace(fields[name])
		if read := readers[name]; read != nil {
			if string(raw) == "null" && name != "peft_type" {
				continue
			}
			if err := read(c, raw); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		switch {
		case slices.Contains(bookkeeping, name):
		case empty(raw):
			c.Ignored = append(c.Ignored, name)
		default:
			return nil, fmt.Errorf("%s is %.80s: not supported; save the adapter without it", name, raw)
		}
	}
	if _, ok := fields["peft_type"]; !ok {
		return nil, errors.New(`peft_type is missing, want "LORA"`)
	}
	return c, c.Check()
}

// readers read the fields that matter.
var readers = map[string]func(*Config, []byte) error{
	"peft_type": func(_ *Config, raw []byte) error { return only(raw, `"LORA"`) },
	"r":         func(c *Config, raw []byte) error { return json.Unmarshal(raw, &c.Rank) },
	"lora_alpha": func(c *Config, raw []byte) error {
		return json.Unmarshal(raw, &c.Alpha)
	},
	"use_rslora":              func(c *Config, raw []byte) error { return json.Unmarshal(raw, &c.RSLoRA) },
	"base_model_name_or_path": func(c *Config, raw []byte) error { return json.Unmarshal(raw, &c.Base) },
	"bias":                    func(_ *Config, raw []byte) error { return only(raw, `"none"`) },
	"target_modules":          readTargets,
	"layers_to_transform":     readBlocks,
	"layers_pattern":          readPattern,
	"lora_dropout": func(c *Config, raw []byte) error {
		c.Ignored = append(c.Ignored, "lora_dropout") // of training
		return json.Unmarshal(raw, new(float64))
	},
}

func only(raw []byte, want string) error {
	if string(raw) != want {
		return fmt.Errorf("want %s, found %.80s: not supported", want, raw)
	}
	return nil
}

func readTargets(c *Config, raw []byte) error {
	if json.Unmarshal(raw, &c.pattern) == nil {
		if _, err := regexp.Compile(c.pattern); err != nil || c.pattern == "" {
			return fmt.Errorf("want a list of names or a pattern, found %.80s", raw)
		}
		return nil
	}
	if err := json.Unmarshal(raw, &c.Targets); err != nil || len(c.Targets) == 0 {
		return fmt.Errorf("want a list of names or a pattern, found %.80s", raw)
	}
	slices.Sort(c.Targets) // PEFT keeps a set
	return nil
}

func readBlocks(c *Config, raw []byte) error {
	var one int
	if json.Unmarshal(raw, &one) == nil {
		c.Blocks = []int{one}
		return nil
	}
	return json.Unmarshal(raw, &c.Blocks)
}

func readPattern(_ *Config, raw []byte) error {
	var list []string
	if string(raw) != `"blocks"` && (json.Unmarshal(raw, &list) != nil || !slices.Equal(list, []string{"blocks"})) {
		return fmt.Errorf(`want "blocks", found %.80s`, raw)
	}
	return nil
}

// bookkeeping are fields that change no output.
var bookkeeping = []string{
	"auto_mapping", "inference_mode", "init_lora_weights", "revision", "task_type", "peft_version", "qalora_group_size", "runtime_config",
	"loftq_config", "eva_config", "corda_config", "megatron_core",
}

// empty says whether a value says nothing: null, false, 0, or nothing in it.
func empty(raw []byte) bool {
	return slices.Contains([]string{"null", "false", "0", `""`, "[]", "{}"}, string(raw))
}
