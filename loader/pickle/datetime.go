package pickle

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// packed is the first argument of a date or a time, which Python packs into so many bytes. Protocol 2 may have kept them
// as a str of Python 2.
func packed(args Tuple, size, most int) ([]byte, error) {
	if len(args) == 0 || len(args) > most {
		return nil, wrongArguments(args)
	}
	b, ok := args[0].([]byte)
	if text, isText := args[0].(string); isText {
		b, ok = []byte(text), true
	}
	if !ok || len(b) != size {
		return nil, wrongArguments(args)
	}
	return b, nil
}

func dateText(b []byte) string {
	return fmt.Sprintf("%04d-%02d-%02d", binary.BigEndian.Uint16(b), b[2]&0x7f, b[3]) // the high bit of the month is "fold"
}

func timeText(b []byte) string {
	text := fmt.Sprintf("%02d:%02d:%02d", b[0]&0x7f, b[1], b[2])
	if micro := int(b[3])<<16 | int(b[4])<<8 | int(b[5]); micro != 0 {
		text += fmt.Sprintf(".%06d", micro)
	}
	return text
}

// zoneText is what a time zone adds to a time.
func zoneText(args Tuple) string {
	if len(args) == 2 {
		if zone, ok := args[1].(*Object); ok {
			return strings.TrimPrefix(zone.Text, "UTC")
		}
	}
	return ""
}

func newDate(_ *decoder, args Tuple) (any, error) {
	b, err := packed(args, 4, 1)
	if err != nil {
		return nil, err
	}
	return &Object{Class: "datetime.date", Text: dateText(b)}, nil
}

func newTime(_ *decoder, args Tuple) (any, error) {
	b, err := packed(args, 6, 2)
	if err != nil {
		return nil, err
	}
	return &Object{Class: "datetime.time", Text: timeText(b) + zoneText(args)}, nil
}

func newDateTime(_ *decoder, args Tuple) (any, error) {
	b, err := packed(args, 10, 2)
	if err != nil {
		return nil, err
	}
	return &Object{Class: "datetime.datetime", Text: dateText(b) + "T" + timeText(b[4:]) + zoneText(args)}, nil
}

// newTimeDelta takes days, seconds and microseconds.
func newTimeDelta(_ *decoder, args Tuple) (any, error) {
	var n [3]int64
	if len(args) > 3 {
		return nil, wrongArguments(args)
	}
	for i, arg := range args {
		var ok bool
		if n[i], ok = asInt(arg); !ok {
			return nil, wrongArguments(args)
		}
	}
	text := fmt.Sprintf("%d:%02d:%02d", n[1]/3600, n[1]/60%60, n[1]%60)
	if n[2] != 0 {
		text += fmt.Sprintf(".%06d", n[2])
	}
	switch n[0] {
	case 0:
	case 1, -1:
		text = fmt.Sprintf("%d day, %s", n[0], text)
	default:
		text = fmt.Sprintf("%d days, %s", n[0], text)
	}
	return &Object{Class: "datetime.timedelta", Text: text}, nil
}

// newTimeZone takes a timedelta, and a name that is not kept.
func newTimeZone(_ *decoder, args Tuple) (any, error) {
	if len(args) == 0 || len(args) > 2 {
		return nil, wrongArguments(args)
	}
	delta, ok := args[0].(*Object)
	if !ok || delta.Class != "datetime.timedelta" {
		return nil, wrongArguments(args)
	}
	text, sign := delta.Text, "+"
	var h, m, s int
	if rest, west := strings.CutPrefix(text, "-1 day, "); west { // west of Greenwich: a day less, and the rest more
		text, sign = rest, "-"
	}
	if n, err := fmt.Sscanf(text, "%d:%d:%d", &h, &m, &s); n != 3 || err != nil {
		return nil, wrongArguments(args)
	}
	minutes := 60*h + m
	if sign == "-" {
		minutes = 24*60 - minutes
	}
	return &Object{Class: "datetime.timezone", Text: fmt.Sprintf("UTC%s%02d:%02d", sign, minutes/60, minutes%60)}, nil
}
