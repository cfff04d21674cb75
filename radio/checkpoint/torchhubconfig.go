package checkpoint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"cradio/loader"
)

// A file of the torch hub contains only the arguments of its training run. The sizes of
// adaptors are those of their tensors, and the version is in the file's name. From
// hubconf.py.

// teacher is the description of an adaptor in a file of the torch hub.
type teacher struct {
	slot     int // class token; -1: that of its place in the list
	upsample int
	heads    *fields // which asks for the versions of its heads
	versions HeadVersions
}

// parseTorchHub reads the arguments in a torch hub file, as JSON. averaged says that its
// weights are the averaged ones, which have no parametrisations.
func parseTorchHub(file string, args []byte, src loader.Source, prefix string, averaged bool) (*Config, error) {
	whole, err := json.Marshal(map[string]json.RawMessage{"args": args})
	if err != nil {
		return nil, fmt.Errorf("%s: args: %w", file, err)
	}
	top, err := parseFields(file, whole)
	if err != nil {
		return nil, err
	}
	c := &Config{Version: versionOf(file)}
	c.alignByVersion()
	f := top.object("args")
	if f == nil {
		return nil, top.err()
	}
	var teachers []teacher
	versions := HeadVersions{Summary: f.text("mlp_version", ""), Feature: f.text("spatial_mlp_version", "")}
	c.parseArgs(f, func(i int, t *fields) {
		teachers = append(teachers, teacher{
			slot: t.integer("token_slot", -1, 0, maxTokens), upsample: max(t.integer("fd_upsample_factor", 1, 0, 64), 1),
			heads: t, versions: parseVersions(t, versions),
		})
	})
	c.MaxResolution = max(c.Grid*c.Patch, 1)
	c.PreferredResolution = preferredBy(c.Version)
	c.summaryOfDistinct(f)
	c.parseSchedule(top, f)
	c.parseSpectral(f)
	if averaged {
		delete(f.raw, "damp") // as upstream does
	}
	refuse(f)
	c.findNormalizers(src, prefix)
	c.findAdaptors(teachers, src, prefix)
	f.ignore()
	c.check(top)
	slices.Sort(top.ignored)
	c.Ignored = top.ignored
	return c, top.err()
}

// version finds a version in a file's name: "c-radio_v3-b" in "c-radio_v3-b_half.pth.tar".
var version = regexp.MustCompile(`(?i)((?:c-|e-)?radio)[-_]?(v\d+(?:\.\d+)?)(?:[-_](?:vlm[-_])?[a-z0-9]+)?`)

func versionOf(file string) string {
	return strings.ToLower(version.FindString(filepath.Base(file)))
}

// preferredBy is the preferred resolution that hubconf.py has for a version
// (radio/common.py).
func preferredBy(version string) [2]int {
	side := 512
	switch {
	case strings.HasPrefix(version, "radio_v2.5"), strings.HasPrefix(version, "radio-v2.5"), strings.HasPrefix(version, "c-radio_v2"):
		side = 768
	case strings.HasPrefix(version, "radio_v2"):
		side = 432
	}
	return [2]int{side, side}
}

// summaryOfDistinct uses for the summary the first teacher of each name with
// use_summary.
func (c *Config) summaryOfDistinct(args *fields) {
	if c.NumClasses == 1 && slices.Equal(c.SummaryIdxs, []int{0}) {
		return
	}
	seen := map[string]bool{}
	c.SummaryIdxs = slices.DeleteFunc(c.SummaryIdxs, func(i int) bool {
		again := seen[c.Teachers[i]]
		seen[c.Teachers[i]] = true
		return again
	})
}

// findNormalizers finds the sizes of the normalisers in the file.
func (c *Config) findNormalizers(src loader.Source, prefix string) {
	if info, ok := src.Lookup(prefix + "_feature_normalizer.mean"); ok && len(info.Shape) == 1 {
		c.FeatureNormalizer = info.Shape[0]
	}
	means, ok := src.Lookup(prefix + "_intermediate_feature_normalizer.means")
	if !ok || len(means.Shape) != 2 {
		return
	}
	rotation, _ := src.Lookup(prefix + "_intermediate_feature_normalizer.rotation")
	c.InterNormalizer = &InterNormalizerConfig{Blocks: means.Shape[0], Width: means.Shape[1], RotationPerBlock: len(rotation.Shape) == 3}
}

// findAdaptors finds the sizes of the heads in the file, for each teacher that has both.
func (c *Config) findAdaptors(teachers []teacher, src loader.Source, prefix string) {
	for i, name := range c.Teachers {
		if slices.Index(c.Teachers, name) != i {
			continue // upstream takes the first of a name
		}
		t := teachers[i]
		at := func(kind string) string {
			for _, id := range []string{name, fmt.Sprint(i)} {
				if p := prefix + kind + "." + id + "."; slices.ContainsFunc(src.Names(), func(n string) bool { return strings.HasPrefix(n, p) }) {
					return p
				}
			}
			return ""
		}
		summary, feature := at("_heads"), at("_feature_projections")
		if summary == "" || feature == "" {
			continue
		}
		t.versions.check(t.heads)
		a := AdaptorConfig{Name: name, ClassToken: t.slot}
		if t.slot < 0 {
			a.ClassToken = i
		}
		if c.NumClasses == 1 {
			a.ClassToken = 0
		}
		if a.ClassToken >= c.Prefix() {
			t.heads.fail("token_slot", "is %d, but there are only %d class and register tokens", a.ClassToken, c.Prefix())
		}
		a.Summary = headOf(src, summary, t.versions.Summary)
		a.Feature = headOf(src, feature, t.versions.Feature)
		a.Feature.Upsample = t.upsample
		c.Adaptors = append(c.Adaptors, a)
	}
	slices.SortFunc(c.Adaptors, func(a, b AdaptorConfig) int { return cmp.Compare(a.Name, b.Name) })
}

// headOf finds the sizes of a head from its tensors. Missing tensors are reported when they
// are read.
func headOf(src loader.Source, at, version string) HeadConfig {
	matrix := func(name string) (out, in int) {
		for _, w := range []string{"weight", "parametrizations.weight.original"} {
			if info, ok := src.Lookup(at + name + "." + w); ok && len(info.Shape) == 2 {
				return info.Shape[0], info.Shape[1]
			}
		}
		return 1, 1
	}
	count := func(format string) (n int) {
		for n < maxDepth {
			if _, ok := src.Lookup(at + fmt.Sprintf(format, n)); !ok {
				break
			}
			n++
		}
		return n
	}
	h := HeadConfig{Version: version, Upsample: 1}
	switch version {
	case "v1":
		h.Hidden, h.In = matrix("fc1")
		h.Out, _ = matrix("fc2")
		for h.Inner < maxDepth {
			if out, _ := matrix(fmt.Sprintf("inner.%d", 3*h.Inner)); out == 1 {
				break
			}
			h.Inner++
		}
	case "attn":
		h.Hidden, h.In = matrix("mlp.fc1")
		h.Out, _ = matrix("mlp.final.2")
	default:
		h.Hidden, h.In = matrix("fc1")
		h.Out, _ = matrix("final.2")
		h.Inner = count("blocks.%d.0.weight")
	}
	return h
}
