package main

import (
	"fmt"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/text"
	"cradio/radio/text/token"
)

// chooseAdaptor finds the adaptor that texts of a width belong to: the one that was named, or the one
// that has the width and a teacher with texts. of is the tower's architecture.
func (f *zeroshotFlags) chooseAdaptor(m *radio.Model, of text.Config) (radio.AdaptorConfig, error) {
	var names, wide []string
	for _, a := range m.Config().Adaptors {
		names = append(names, a.Name)
		if !readsTexts(m.Config(), a.Name) {
			if f.adaptor != a.Name {
				continue
			}
			warn("adaptor %s: its teacher has no texts that are known here; scores may carry no meaning", a.Name)
		}
		wide = append(wide, fmt.Sprintf("%s %d", a.Name, a.Summary.Out))
		switch {
		case f.adaptor == a.Name && a.Summary.Out != of.Embed:
			return a, fmt.Errorf("adaptor %s has summaries of %d elements, the text tower embeddings of %d: it is not the tower of its teacher", a.Name, a.Summary.Out, of.Embed)
		case f.adaptor == a.Name, f.adaptor == "" && a.Summary.Out == of.Embed:
			return a, f.checkTeacher(m.Config(), a.Name, of)
		}
	}
	has := "it has no adaptors"
	if len(names) > 0 {
		has = "it has " + strings.Join(names, ", ")
	}
	switch {
	case f.adaptor != "":
		return radio.AdaptorConfig{}, fmt.Errorf("%s: no adaptor %q: %s", shown(f.model.name), f.adaptor, has)
	case len(wide) > 0:
		return radio.AdaptorConfig{}, fmt.Errorf("%s: no adaptor that texts of width %d can be compared with: the widths are %s; give --text the tower of one of their teachers", shown(f.model.name), of.Embed, strings.Join(wide, ", "))
	}
	return radio.AdaptorConfig{}, fmt.Errorf("%s: no adaptor that texts can be compared with (clip, siglip, siglip2 or siglip2-g): %s; choose a model that has one, such as C-RADIOv3", shown(f.model.name), has)
}

// readsTexts says whether the teacher of an adaptor has texts: by its library, or by its name.
func readsTexts(c radio.Config, name string) bool {
	if i := slices.Index(c.Teachers, name); i >= 0 && slices.Contains([]string{"open_clip", "siglip2", "pe_core"}, c.TeacherModels[i].Type) {
		return true
	}
	_, err := token.ParseKind(name)
	return err == nil
}

// checkTeacher refuses a tower that is not the teacher's, unless it is asked for.
func (f *zeroshotFlags) checkTeacher(c radio.Config, name string, of text.Config) error {
	i := slices.Index(c.Teachers, name)
	if i < 0 || f.other || f.syntheticTower() {
		return nil
	}
	if err := of.CheckTeacher(name, c.TeacherModels[i]); err != nil {
		return fmt.Errorf("%s: %w; --other-tower uses it all the same", shown(f.text.tower), err)
	}
	return nil
}

// syntheticTower says that the tower has weights without a meaning.
func (f *zeroshotFlags) syntheticTower() bool {
	return strings.HasPrefix(f.text.tower, radio.SyntheticPrefix)
}
