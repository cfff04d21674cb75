package main

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"cradio/radio/text"
)

// readLines reads a file of lines in UTF-8.
func readLines(path string) (lines []string, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("%s, line %d: %q is not UTF-8; save the file in UTF-8", shown(path), n, line)
		}
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	if lines == nil {
		return nil, fmt.Errorf("%s: has no lines", shown(path))
	}
	return lines, nil
}

// isFile says whether a path is that of a file.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// allLabels lists the labels of the flag: those of files, and those given.
func (f *zeroshotFlags) allLabels() (list []string, err error) {
	for _, l := range f.labels {
		if !isFile(l) {
			list = append(list, strings.TrimSpace(l))
			continue
		}
		lines, err := readLines(l)
		if err != nil {
			return nil, fmt.Errorf("--labels: %w", err)
		}
		list = append(list, lines...)
	}
	return list, nil
}

func (f *zeroshotFlags) allTemplates() (list []string, err error) {
	for _, t := range f.templates {
		set, err := text.Templates(t)
		switch {
		case err == nil:
			list = append(list, set...)
		case strings.Contains(t, "{}"):
			list = append(list, t)
		case isFile(t):
			lines, err := readLines(t)
			if err != nil {
				return nil, fmt.Errorf("--templates: %w", err)
			}
			list = append(list, lines...)
		default:
			return nil, fmt.Errorf("--templates %s: is neither %s, nor a file, nor a template with {} in it", shown(t), strings.Join(text.TemplateSets(), ", "))
		}
	}
	return list, nil
}
