package graph

import "fmt"

// LostError is the error of a device that computes nothing any more, such as a GPU on which a kernel went wrong, whose memory
// failed, or that is gone. What was in its memory is lost. When all that is open on it in this process has been closed, it can
// be opened again.
type LostError struct {
	Device string // which one
	Reason error  // of its driver
}

func (l *LostError) Error() string {
	return fmt.Sprintf("%s is lost: %v: close all models on it and open them again; if it happens again, look at nvidia-smi and dmesg, or choose device cpu", l.Device, l.Reason)
}

// Unwrap returns the reason.
func (l *LostError) Unwrap() error { return l.Reason }
