package hub

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"regexp"
	"strconv"
)

// sum checks contents against the tag that they are listed with:
//
//	64 hexadecimal digits   SHA-256, of large files
//	40                      the SHA-1 of a git blob, of small files; or of the contents alone, as some mirrors tag files
//
// Mirrors with other tags can only be checked by length.
type sum struct {
	want string
	all  []hash.Hash
}

var hexTag = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// newSum begins. size is that of the whole, which a git blob's hash starts with, or -1.
func newSum(etag string, size int64) *sum {
	s := &sum{want: etag}
	switch {
	case !hexTag.MatchString(etag):
	case len(etag) == 64:
		s.all = []hash.Hash{sha256.New()}
	default:
		s.all = []hash.Hash{sha1.New()}
		if size >= 0 {
			git := sha1.New()
			git.Write([]byte("blob " + strconv.FormatInt(size, 10) + "\x00"))
			s.all = append(s.all, git)
		}
	}
	return s
}

func (s *sum) Write(p []byte) (int, error) {
	for _, h := range s.all {
		h.Write(p)
	}
	return len(p), nil
}

// agrees compares, and gives what was found. There is nothing to compare with a tag that is no hash.
func (s *sum) agrees() (found string, ok bool) {
	for _, h := range s.all {
		if found = hex.EncodeToString(h.Sum(nil)); found == s.want {
			return found, true
		}
	}
	return found, len(s.all) == 0
}
