package hub

import (
	"os"
	"os/user"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type environment map[string]string

func (e environment) get(name string) string { return e[name] }

// TestCacheFolder: the folders that huggingface_hub 2.4.0 names for the same variables.
func TestCacheFolder(t *testing.T) {
	u, err := user.Current()
	require.NoError(t, err)
	for _, c := range []struct {
		want string
		env  environment
	}{
		{"/h/.cache/huggingface/hub", environment{"HOME": "/h"}},
		{"/x/huggingface/hub", environment{"HOME": "/h", "XDG_CACHE_HOME": "/x"}},
		{"/h/x/huggingface/hub", environment{"HOME": "/h", "XDG_CACHE_HOME": "~/x"}},
		{"/hf/hub", environment{"HOME": "/h", "XDG_CACHE_HOME": "/x", "HF_HOME": "/hf"}},
		{"/h/hf/hub", environment{"HOME": "/h", "HF_HOME": "$HOME/hf"}},
		{"/old", environment{"HF_HOME": "/hf", "HUGGINGFACE_HUB_CACHE": "/old"}},
		{"/new", environment{"HF_HOME": "/hf", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/new"}},
		{"/d/e/$UNKNOWN", environment{"HF_HUB_CACHE": "${DISK}/e/$UNKNOWN", "DISK": "/d"}},
		{u.HomeDir + "/c", environment{"HF_HUB_CACHE": "~" + u.Username + "/c", "HOME": "/h"}},
		{"~nobody-of-that-name/c", environment{"HF_HUB_CACHE": "~nobody-of-that-name/c", "HOME": "/h"}},
		{"relative", environment{"HF_HUB_CACHE": "relative"}},
		{"/hf/hub", environment{"HF_HOME": "/hf", "HF_HUB_CACHE": ""}},
	} {
		if c.env["HOME"] != "" {
			c.env["USERPROFILE"] = c.env["HOME"]
		}
		require.Equal(t, filepath.FromSlash(c.want), filepath.FromSlash(CacheFolder(c.env.get)), "%v", c.env)
	}
}

func TestFromEnvironment(t *testing.T) {
	c, err := FromEnvironment(environment{"HOME": "/h"}.get)
	require.NoError(t, err)
	require.Equal(t, defaultEndpoint, c.endpoint())
	require.False(t, c.Offline)
	require.Empty(t, c.Token)
	require.Equal(t, 10*time.Second, c.stallTimeout())

	c, err = FromEnvironment(environment{"HF_ENDPOINT": "http://mirror:8080/hf//", "HF_HUB_ETAG_TIMEOUT": "3", "HF_HUB_DOWNLOAD_TIMEOUT": " 40 ", "HF_HUB_DISABLE_SYMLINKS": "yes"}.get)
	require.NoError(t, err)
	require.Equal(t, "http://mirror:8080/hf", c.endpoint())
	require.Equal(t, 3*time.Second, c.metadataTimeout())
	require.Equal(t, 40*time.Second, c.stallTimeout())
	require.True(t, c.CopyFiles)

	for _, env := range []environment{{"HF_ENDPOINT": "mirror"}, {"HF_ENDPOINT": "ftp://mirror"}, {"HF_HUB_ETAG_TIMEOUT": "soon"}, {"HF_HUB_DOWNLOAD_TIMEOUT": "-1"}, {"HF_HUB_ETAG_TIMEOUT": "1.5"}} {
		_, err := FromEnvironment(env.get)
		require.Error(t, err)
		for name, value := range env {
			require.Contains(t, err.Error(), name+"=")
			require.Contains(t, err.Error(), value)
		}
	}
}

// TestOffline: what counts as true, and that HF_HUB_OFFLINE hides the other where it is set at all.
func TestOffline(t *testing.T) {
	for _, c := range []struct {
		hub, transformers string
		want              bool
	}{
		{"1", "", true}, {"on", "", true}, {"Yes", "", true}, {"TRUE", "", true}, {"0", "", false}, {"no", "", false}, {"2", "", false}, {" 1", "", false},
		{"", "1", true}, {"0", "1", false}, {"", "", false},
	} {
		got, err := FromEnvironment(environment{"HF_HUB_OFFLINE": c.hub, "TRANSFORMERS_OFFLINE": c.transformers}.get)
		require.NoError(t, err)
		require.Equal(t, c.want, got.Offline, "%v", c)
	}
}

func TestToken(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, "token")
	require.NoError(t, os.WriteFile(file, []byte("  of-home\r\n"), 0o600))
	other := filepath.Join(t.TempDir(), "mine")
	require.NoError(t, os.WriteFile(other, []byte("of-path"), 0o600))
	for _, c := range []struct {
		env         environment
		token, from string
	}{
		{environment{"HF_TOKEN": " a\n", "HUGGING_FACE_HUB_TOKEN": "b"}, "a", "HF_TOKEN"},
		{environment{"HUGGING_FACE_HUB_TOKEN": "b"}, "b", "HUGGING_FACE_HUB_TOKEN"},
		{environment{}, "of-home", file},
		{environment{"HF_TOKEN": " "}, "of-home", file},
		{environment{"HF_TOKEN_PATH": other}, "of-path", other},
		{environment{"HF_TOKEN_PATH": other + "-none"}, "", ""},
		{environment{"HF_TOKEN": "a", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, "", ""},
	} {
		c.env["HF_HOME"] = home
		got, err := FromEnvironment(c.env.get)
		require.NoError(t, err)
		require.Equal(t, c.token, got.Token, "%v", c.env)
		require.Equal(t, c.from, got.TokenFrom, "%v", c.env)
		require.NoError(t, got.tokenFailure)
	}
}

// TestTokenThatCannotBeSent: a failure that shows no token, and only when it would be sent.
func TestTokenThatCannotBeSent(t *testing.T) {
	m := newMock(t, model())
	for name, env := range map[string]environment{
		"HF_TOKEN":           {"HF_TOKEN": "geh eim"},
		"HF_TOKEN with sign": {"HF_TOKEN": "geheim\x01"},
		"folder":             {"HF_TOKEN_PATH": t.TempDir()},
	} {
		env["HF_ENDPOINT"], env["HF_HUB_CACHE"] = m.hub.URL, t.TempDir()
		c, err := FromEnvironment(env.get)
		require.NoError(t, err)
		_, err = c.Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrToken, name)
		require.NotContains(t, err.Error(), "eim", name)
		require.Empty(t, m.seen())
		c.Offline = true
		_, err = c.Snapshot(t.Context(), theRepo)
		require.ErrorIs(t, err, ErrNotCached, name)
	}
}
