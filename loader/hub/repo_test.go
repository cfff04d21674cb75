package hub

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for name, want := range map[string]Repo{
		"nvidia/C-RADIOv2-B":                                             {"nvidia", "C-RADIOv2-B", "", "", false},
		"nvidia/C-RADIOv2-B@main":                                        {"nvidia", "C-RADIOv2-B", "main", "", false},
		"nvidia/C-RADIOv2-B@" + commitA:                                  {"nvidia", "C-RADIOv2-B", commitA, "", false},
		"nvidia/C-RADIOv2-B@refs/pr/1":                                   {"nvidia", "C-RADIOv2-B", "refs/pr/1", "", false},
		"nvidia/C-RADIOv2-B@feature/x":                                   {"nvidia", "C-RADIOv2-B", "feature/x", "", false},
		"_a/b_":                                                          {"_a", "b_", "", "", false},
		"a1/b.2-c_3":                                                     {"a1", "b.2-c_3", "", "", false},
		"nvidia/RADIO/radio_v2.pth.tar":                                  {"nvidia", "RADIO", "", "radio_v2.pth.tar", false},
		"nvidia/RADIO/old/radio_v1.pth.tar@v1":                           {"nvidia", "RADIO", "v1", "old/radio_v1.pth.tar", false},
		"nvidia/RADIO@v1/x.safetensors":                                  {"nvidia", "RADIO", "v1", "x.safetensors", false},
		"nvidia/RADIO@refs/pr/12/x.pth":                                  {"nvidia", "RADIO", "refs/pr/12", "x.pth", false},
		"nvidia/RADIO@feature%2Fx/x.pth":                                 {"nvidia", "RADIO", "feature/x", "x.pth", false},
		"hf://nvidia/C-RADIOv2-B":                                        {"nvidia", "C-RADIOv2-B", "", "", false},
		"hf://models/nvidia/C-RADIOv2-B@v1":                              {"nvidia", "C-RADIOv2-B", "v1", "", false},
		"https://huggingface.co/nvidia/C-RADIO":                          {"nvidia", "C-RADIO", "", "", false},
		"https://huggingface.co/nvidia/RADIO/":                           {"nvidia", "RADIO", "", "", false},
		"huggingface.co/nvidia/RADIO":                                    {"nvidia", "RADIO", "", "", false},
		"https://hf.co/nvidia/RADIO/tree/v1":                             {"nvidia", "RADIO", "v1", "", false},
		"https://huggingface.co/nvidia/RADIO/tree/refs%2Fpr%2F3":         {"nvidia", "RADIO", "refs/pr/3", "", false},
		"https://huggingface.co/nvidia/RADIO/tree/refs/pr/3":             {"nvidia", "RADIO", "refs/pr/3", "", false},
		"https://huggingface.co/nvidia/RADIO/blob/main/radio_v2.pth.tar": {"nvidia", "RADIO", "main", "radio_v2.pth.tar", false},
		"https://huggingface.co/nvidia/RADIO/resolve/main/a/b%20c.pth?download=true#anchor": {"nvidia", "RADIO", "main", "a/b c.pth", false},
	} {
		got, ok := Parse(name)
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
		again, ok := Parse(got.String())
		require.True(t, ok, got)
		require.Equal(t, got, again)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, name := range []string{
		"", ".", "..", "C-RADIOv2-B", "./nvidia/RADIO", "../RADIO", "/nvidia/RADIO", "~/RADIO", "~/a/b", `nvidia\RADIO`, `C:\nvidia\RADIO`, "C:/nvidia",
		"nvidia/", "/RADIO", "nvidia//RADIO", "nvidia/RADIO/", "nvidia/RADIO/sub", "nvidia/RADIO/config.json", "nvidia/../RADIO", "nvidia/..",
		"nvidia/a--b", "a--b/c", "nvidia/a..b", "nvidia/.a", "nvidia/a.", "nvidia/-a", "nvidia/a-", "-a/b", "nvidia/a.git", "nvidia/a b", "nvidia/é",
		"nvidia/" + strings.Repeat("a", 97), "datasets/nvidia/x", "datasets/x", "spaces/x", "hf://datasets/a/b", "hf://a", "hf://",
		"photos/a.safetensors", "photos/a.pth.tar", "nvidia/RADIO/../x.pth", "nvidia/RADIO/a/../../x.pth", `nvidia/RADIO/a\b.pth`,
		"nvidia/RADIO@", "nvidia/RADIO@a b", "nvidia/RADIO@../x", "nvidia/RADIO@a/../b", "nvidia/RADIO@-x", "nvidia/RADIO@/x", "nvidia/RADIO@x.lock", "nvidia/RADIO@a\x00b",
		"nvidia/RADIO/x.pth@", "https://example.org/nvidia/RADIO", "https://huggingface.co/nvidia", "https://huggingface.co/nvidia/RADIO/discussions/1",
		"https://huggingface.co/nvidia/RADIO/blob/main", "https://huggingface.co/datasets/nvidia/RADIO", "https://huggingface.co/nvidia/RADIO/resolve/main/..%2F..%2Fx",
		"synthetic:B", "ftp://huggingface.co/a/b", "http://[::1", "a/b\n",
	} {
		r, ok := Parse(name)
		require.False(t, ok, "%q is %v", name, r)
		require.Zero(t, r)
	}
}

func TestParseAtAnotherHub(t *testing.T) {
	c := &Client{Endpoint: "http://localhost:8080/hf"}
	for _, name := range []string{"http://localhost:8080/hf/nvidia/RADIO", "https://huggingface.co/nvidia/RADIO", "nvidia/RADIO"} {
		r, ok := c.Parse(name)
		require.True(t, ok, name)
		require.Equal(t, Repo{Org: "nvidia", Name: "RADIO"}, r)
	}
	for _, name := range []string{"http://localhost:8080/nvidia/RADIO", "http://localhost/hf/nvidia/RADIO"} {
		_, ok := c.Parse(name)
		require.False(t, ok, name)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a/b", "a/b@c", "a/b/c.pth@d/e", "hf://a/b@refs/pr/1/c.pth", "https://huggingface.co/a/b/blob/main/c", "../..", "a/b@%2F", "hf.co/a/b/tree/%2e%2e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, ok := Parse(s)
		if !ok {
			return
		}
		require.NoError(t, r.check())
		for _, part := range []string{r.Org, r.Name, folderName(r)} {
			require.NotContains(t, part, "/")
			require.NotContains(t, part, "..")
		}
		for _, path := range []string{r.Revision, r.File} {
			for part := range strings.SplitSeq(path, "/") {
				require.NotEqual(t, "..", part)
			}
		}
	})
}
