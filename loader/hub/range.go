package hub

import (
	"net/http"
	"strconv"
	"strings"
)

// contentRange reads "bytes FROM-TO/TOTAL"; TOTAL may be *, which is -1.
func contentRange(h http.Header) (from, to, total int64, ok bool) {
	text, ok := strings.CutPrefix(strings.TrimSpace(h.Get("Content-Range")), "bytes ")
	span, size, slash := strings.Cut(text, "/")
	a, b, dash := strings.Cut(span, "-")
	if !ok || !slash || !dash {
		return 0, 0, 0, false
	}
	from, err := strconv.ParseInt(a, 10, 64)
	to, err2 := strconv.ParseInt(b, 10, 64)
	total = -1
	var err3 error
	if size != "*" {
		total, err3 = strconv.ParseInt(size, 10, 64)
	}
	ok = err == nil && err2 == nil && err3 == nil && from >= 0 && from <= to && to < maxBlob && (total < 0 && size == "*" || to < total)
	return from, to, total, ok
}

// contentRangeTotal reads "bytes */TOTAL"; -1 if there is no such header.
func contentRangeTotal(h http.Header) int64 {
	text, ok := strings.CutPrefix(strings.TrimSpace(h.Get("Content-Range")), "bytes */")
	total, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || total < 0 {
		return -1
	}
	return total
}
