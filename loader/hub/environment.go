package hub

import (
	"fmt"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FromEnvironment makes a client that uses the folders, the token and the switches that Python's huggingface_hub would:
//
//	HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME           where the cache is; see CacheFolder
//	HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH, HF_HOME/token         the token, the first that is set
//	HF_HUB_DISABLE_IMPLICIT_TOKEN                                          sends none
//	HF_ENDPOINT                                                            another hub, or a mirror
//	HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE                                   no request is made
//	HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT                           seconds without an answer
//	HF_HUB_DISABLE_SYMLINKS                                                the cache holds copies
//
// Proxies are those of http.ProxyFromEnvironment, which reads the process's own environment. getenv is os.Getenv but
// in tests; a variable that is set and empty counts as not set.
func FromEnvironment(getenv func(string) string) (*Client, error) {
	c := &Client{
		Cache:     CacheFolder(getenv),
		Endpoint:  strings.TrimRight(getenv("HF_ENDPOINT"), "/"),
		Offline:   isTrue(first(getenv, "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")),
		CopyFiles: isTrue(getenv("HF_HUB_DISABLE_SYMLINKS")),
	}
	if u, err := url.Parse(c.endpoint()); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("HF_ENDPOINT=%s: want the address of a hub, such as %s", quote(c.Endpoint), defaultEndpoint)
	}
	var err error
	if c.MetadataTimeout, err = seconds(getenv, "HF_HUB_ETAG_TIMEOUT"); err != nil {
		return nil, err
	}
	if c.StallTimeout, err = seconds(getenv, "HF_HUB_DOWNLOAD_TIMEOUT"); err != nil {
		return nil, err
	}
	if !isTrue(getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		c.Token, c.TokenFrom, c.tokenFailure = findToken(getenv)
	}
	return c, nil
}

// CacheFolder is where Python's huggingface_hub keeps its cache: HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME/hub,
// XDG_CACHE_HOME/huggingface/hub or ~/.cache/huggingface/hub, the first that is set, with ~ and $VARIABLE expanded.
func CacheFolder(getenv func(string) string) string {
	if dir := first(getenv, "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"); dir != "" {
		return expand(dir, getenv)
	}
	return filepath.Join(home(getenv), "hub")
}

// home is Python's HF_HOME.
func home(getenv func(string) string) string {
	if dir := getenv("HF_HOME"); dir != "" {
		return expand(dir, getenv)
	}
	if dir := getenv("XDG_CACHE_HOME"); dir != "" {
		return expand(filepath.Join(dir, "huggingface"), getenv)
	}
	return filepath.Join(expand("~", getenv), ".cache", "huggingface")
}

// first is the first variable that is not empty, as Python's or.
func first(getenv func(string) string, names ...string) string {
	for _, name := range names {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// isTrue is Python's idea of a switch that is on.
func isTrue(v string) bool {
	return slices.Contains([]string{"1", "ON", "YES", "TRUE"}, strings.ToUpper(v))
}

// seconds reads a whole number of seconds; 0 and nothing stand for the default, as in Python.
func seconds(getenv func(string) string, name string) (time.Duration, error) {
	text := strings.TrimSpace(getenv(name))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 86400 {
		return 0, fmt.Errorf("%s=%s: want a whole number of seconds, at most a day", name, quote(text))
	}
	return time.Duration(n) * time.Second, nil
}

// findToken finds the token and where it comes from. That there is none is no failure.
func findToken(getenv func(string) string) (token, from string, err error) {
	for _, name := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"} {
		if getenv(name) == "" {
			continue
		}
		token := cleanToken(getenv(name))
		if token == "" { // Python looks at no other variable then, but at the file
			break
		}
		return token, name, checkToken(token, name)
	}
	file := filepath.Join(home(getenv), "token")
	if path := getenv("HF_TOKEN_PATH"); path != "" {
		file = expand(path, getenv)
	}
	data, err := readBounded(file, maxToken)
	if os.IsNotExist(err) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("the token in %s cannot be read: %w; make it readable, or set HF_TOKEN", file, err)
	}
	token = cleanToken(string(data))
	return token, file, checkToken(token, file)
}

const maxToken = 64 << 10 // bytes; tokens have 37 characters, those of other hubs up to a few thousand

func cleanToken(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(s))
}

// checkToken refuses what cannot be sent in a header, without showing it.
func checkToken(token, from string) error {
	if strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return fmt.Errorf("%s: want a token of letters, digits and signs, found spaces or other characters in it; copy it again from the page of your tokens", from)
	}
	return nil
}

var (
	dollarVariable  = regexp.MustCompile(`\$(\w+|\{[^}]*\})`)
	percentVariable = regexp.MustCompile(`%([^%]+)%`)
)

// expand replaces a leading ~ or ~user, and then $NAME, ${NAME} and on Windows %NAME%. What is unknown stays as it is.
func expand(path string, getenv func(string) string) string {
	if rest, found := strings.CutPrefix(path, "~"); found {
		end := strings.IndexAny(rest, "/"+string(filepath.Separator))
		if end < 0 {
			end = len(rest)
		}
		if dir := homeOf(rest[:end], getenv); dir != "" {
			path = strings.TrimRight(dir, "/") + rest[end:]
		}
	}
	replace := func(whole string) string {
		if v := getenv(strings.Trim(whole, "${}%")); v != "" {
			return v
		}
		return whole
	}
	path = dollarVariable.ReplaceAllStringFunc(path, replace)
	if runtime.GOOS == "windows" {
		path = percentVariable.ReplaceAllStringFunc(path, replace)
	}
	return path
}

// homeOf is a user's home folder, the own for "", or "" where it is not known.
func homeOf(name string, getenv func(string) string) string {
	variable := "HOME"
	if runtime.GOOS == "windows" {
		variable = "USERPROFILE"
	}
	u, err := user.Current()
	if name != "" {
		u, err = user.Lookup(name)
	} else if dir := getenv(variable); dir != "" {
		return dir
	}
	if err != nil {
		return ""
	}
	return u.HomeDir
}
