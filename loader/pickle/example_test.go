package pickle_test

import (
	"errors"
	"fmt"

	"cradio/loader/pickle"
)

// A Namespace of arguments, as protocol 2 writes it.
func ExampleLoad() {
	in := []byte("\x80\x02cargparse\nNamespace\nq\x00)\x81q\x01}q\x02(X\x02\x00\x00\x00lrq\x03G?\xb9\x99\x99\x99\x99\x99\x9aub.")
	v, _, err := pickle.Load(in, pickle.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := pickle.JSON(v)
	fmt.Println(string(text), err)

	_, _, err = pickle.Load([]byte("cos\nsystem\n(S'echo attacked'\ntR."), pickle.Options{})
	fmt.Println(err)
	fmt.Println(errors.Is(err, pickle.ErrRefused))
	// Output:
	// {"lr":0.1} <nil>
	// pickle: at byte 0: it asks for "os.system", a name that files of weights do not need
	// true
}
