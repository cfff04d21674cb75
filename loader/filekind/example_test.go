package filekind_test

import (
	"fmt"

	"cradio/loader/filekind"
)

func ExampleDescribe() {
	what, do, ok := filekind.Describe([]byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"))
	fmt.Println(ok)
	fmt.Println(what)
	fmt.Println(do)
	// Output:
	// true
	// a git-lfs pointer, not the file itself
	// run `git lfs pull` in its folder, or download the file itself
}
