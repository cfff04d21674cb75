package text

import (
	"embed"
	"fmt"
	"strings"
)

// The templates with which CLIP's authors measured: theirs, 80 of them, and the seven that do
// nearly as well, from OpenAI's CLIP (MIT License, Copyright (c) 2021 OpenAI); and RADIO's one.
//
//go:embed templates
var templateFiles embed.FS

// hole is where the name of a class goes.
const hole = "{}"

// TemplateSets lists the names of Templates.
func TemplateSets() []string { return []string{"openai", "simple", "base"} }

// Templates returns a set of templates by its name: openai (80), simple (7) or base (1). In
// each, {} is for the name of a class.
func Templates(set string) ([]string, error) {
	for _, name := range TemplateSets() {
		if name == set {
			text, err := templateFiles.ReadFile("templates/" + name + ".txt")
			if err != nil {
				return nil, err
			}
			return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), nil
		}
	}
	return nil, fmt.Errorf("there is no set of templates %q, want one of %s", set, strings.Join(TemplateSets(), ", "))
}

// Prompt is a template with the name of a class.
func Prompt(template, class string) string { return strings.ReplaceAll(template, hole, class) }
