package cuda

import "fmt"

// Lost is the error of a GPU that computes nothing any more: a kernel went wrong, its memory failed, or it is gone. What was
// in its memory is lost. When all that is open on it in this process has been closed, it can be opened again.
type Lost struct {
	GPU    string // its name
	Reason error  // of the driver
}

func (l *Lost) Error() string {
	return fmt.Sprintf("%s is lost: %v: close all models on it and open them again; if it happens again, look at nvidia-smi and dmesg, or choose device cpu", l.GPU, l.Reason)
}

// Unwrap returns the reason.
func (l *Lost) Unwrap() error { return l.Reason }
