//go:build nvidia && cudasim && linux && cgo

package libcudasim

// #include "libcudasim.h"
import "C"

import (
	"errors"
	"unsafe"
)

// event is a moment of a stream: that of its last record.
type event struct {
	moment
	captured bool // recorded while the stream was captured: nobody can wait for it
}

// moment is when a stream has done so much of its work.
type moment struct {
	on    *stream
	place int
}

func (m moment) passed() bool { return m.on == nil || m.on.done >= m.place }

// reach lets the work up to then be done.
func (m moment) reach() error {
	if m.on == nil {
		return nil
	}
	return m.on.until(m.place)
}

// counted counts a wait, and says whether it is the one to leave out.
func (s *state) counted(m moment) (leaveOut bool) {
	s.waits.Count++
	leaveOut = s.waits.Count == s.leaveOut
	s.waits.Mattered = s.waits.Mattered || leaveOut && !m.passed()
	return leaveOut
}

//export simEventCreate
func simEventCreate(e *unsafe.Pointer, _ C.u32) C.int {
	return driver.locked(func() error {
		*e = driver.handle(&event{})
		return nil
	})
}

//export simEventRecord
func simEventRecord(e, s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*event](e)
		if err != nil {
			return err
		}
		on, err := object[*stream](s)
		if err != nil {
			return err
		}
		found.moment, found.captured = on.end(), on.capture != nil
		return nil
	})
}

//export simEventSynchronize
func simEventSynchronize(e unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*event](e)
		switch {
		case err != nil || driver.counted(found.moment):
			return err
		case found.captured:
			return fail(capturedEvent, errors.New("an event that is part of a graph is waited for"))
		}
		if err := driver.mayWait(); err != nil {
			return err
		}
		return found.reach()
	})
}

//export simStreamWaitEvent
func simStreamWaitEvent(s, e unsafe.Pointer, _ C.u32) C.int {
	return driver.locked(func() error {
		found, err := object[*event](e)
		if err != nil {
			return err
		}
		on, err := object[*stream](s)
		switch {
		case err != nil || driver.counted(found.moment):
			return err
		case on.capture != nil || found.captured:
			return fail(captureUnsupported, errors.New("of a stream and what it waits for, one is captured"))
		}
		return on.add(work{after: found.moment})
	})
}

//export simEventDestroy
func simEventDestroy(e unsafe.Pointer) C.int {
	return driver.locked(func() error { return driver.drop(e) })
}
