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

	"cradio/loader"
)

// FromEnvironment returns a client with the settings that Python's huggingface_hub takes from the environment:
//
//	HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME           the folder of the cache; see CacheFolder
//	HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH, HF_HOME/token         the token; the first that is set
//	HF_HUB_DISABLE_IMPLICIT_TOKEN                                          send no token
//	HF_ENDPOINT                                                            another hub, or a mirror
//	HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE                                   make no request
//	HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT                           timeouts, in seconds
//	HF_HUB_DISABLE_SYMLINKS                                                copy files in the cache instead of linking them
//
// Proxies are those of http.ProxyFromEnvironment, which reads the process's environment. getenv is os.Getenv, except in
// tests. A variable with an empty value counts as not set.
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

// CacheFolder returns the cache folder of Python's huggingface_hub. It is the first that is set of HF_HUB_CACHE,
// HUGGINGFACE_HUB_CACHE, HF_HOME/hub and XDG_CACHE_HOME/huggingface/hub, or else ~/.cache/huggingface/hub. ~ and $VARIABLE
// are expanded.
func CacheFolder(getenv func(string) string) string {
	if dir := first(getenv, "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"); dir != "" {
		return expand(dir, getenv)
	}
	return filepath.Join(home(getenv), "hub")
}

// home returns Python's HF_HOME.
func home(getenv func(string) string) string {
	if dir := getenv("HF_HOME"); dir != "" {
		return expand(dir, getenv)
	}
	if dir := getenv("XDG_CACHE_HOME"); dir != "" {
		return expand(filepath.Join(dir, "huggingface"), getenv)
	}
	return filepath.Join(expand("~", getenv), ".cache", "huggingface")
}

// first returns the first variable that is not empty, like Python's or.
func first(getenv func(string) string, names ...string) string {
	for _, name := range names {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// isTrue reports whether Python takes a value as true.
func isTrue(v string) bool {
	return slices.Contains([]string{"1", "ON", "YES", "TRUE"}, strings.ToUpper(v))
}

// seconds reads a whole number of seconds. 0 and an empty value mean the default, as in Python.
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

// findToken returns the token and its origin. It is not an error if there is none.
func findToken(getenv func(string) string) (token, from string, err error) {
	for _, name := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"} {
		if getenv(name) == "" {
			continue
		}
		token := cleanToken(getenv(name))
		if token == "" { // Python then tries the file, and no other variable
			break
		}
		return token, name, checkToken(token, name)
	}
	file := filepath.Join(home(getenv), "token")
	if path := getenv("HF_TOKEN_PATH"); path != "" {
		file = expand(path, getenv)
	}
	data, err := loader.ReadBounded(file, maxToken)
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

// checkToken returns an error for a token that cannot be sent in a header. It does not show the token.
func checkToken(token, from string) error {
	if strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return fmt.Errorf("%s: want a token of letters, digits and punctuation, found spaces or other characters in it; copy it again from the page of your tokens", from)
	}
	return nil
}

var (
	dollarVariable  = regexp.MustCompile(`\$(\w+|\{[^}]*\})`)
	percentVariable = regexp.MustCompile(`%([^%]+)%`)
)

// expand replaces a leading ~ or ~user, and then $NAME, ${NAME} and on Windows %NAME%. Unknown names are kept.
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

// homeOf returns the home folder of a user; of the current one for "". It returns "" if it is not known.
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
