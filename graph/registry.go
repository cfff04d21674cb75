package graph

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gorgonia.org/tensor"
)

// Registration is a kind of Device that a program has linked.
type Registration struct {
	Name string
	// Count says how many devices there are, of which DeviceOptions.Index chooses one, or All. It is nil
	// where there is only one.
	Count func() (int, error)
	// Open opens a device.
	Open func(DeviceOptions) (Device, error)
	// Define, of one device alone, computes an operation on row-major tensors as it is
	// defined: out of one type, in of the same. Gorgonia's machines run it, and other
	// devices are compared with it. The device that defines operations is the default.
	Define func(op Operation, out *tensor.Dense, in []*tensor.Dense) error
}

var registry struct {
	sync.Mutex
	list     []Registration // the default first
	standard Device         // the default, opened for Targets without a device
}

// Register makes a device known by its name. The package of a device calls it when it is
// initialised, so that a command has the device if it imports the package. It panics if the
// name is taken, since two packages cannot both be meant.
func Register(r Registration) {
	registry.Lock()
	defer registry.Unlock()
	for _, other := range registry.list {
		if other.Name == r.Name || other.Define != nil && r.Define != nil {
			panic(fmt.Sprintf("graph: device %s is registered beside %s: one name each, and one that defines operations", r.Name, other.Name))
		}
	}
	if r.Define != nil {
		registry.list = append([]Registration{r}, registry.list...)
		return
	}
	registry.list = append(registry.list, r)
}

// Devices lists the names of the registered devices, the default first.
func Devices() []string {
	registry.Lock()
	defer registry.Unlock()
	names := make([]string, len(registry.list))
	for i, r := range registry.list {
		names[i] = r.Name
	}
	return names
}

// errNoDevice says what to import.
var errNoDevice = errors.New("no device is linked: import one for its effect, such as _ \"cradio/cpu/machine\"")

// Open opens a registered device; an empty name means the default. A colon and a number after the
// name, as in "cuda:1", choose one of several, and "cuda:all" all of them. The caller closes it.
func Open(name string, opt DeviceOptions) (Device, error) {
	r, index, err := Find(name)
	if err != nil {
		return nil, err
	}
	if index != 0 {
		opt.Index = index
	}
	return r.Open(opt)
}

// Find returns the registration that a name as for [Open] means, and the index in it.
func Find(name string) (r Registration, index int, err error) {
	registry.Lock()
	list := registry.list
	registry.Unlock()
	if len(list) == 0 {
		return r, 0, errNoDevice
	}
	if name == "" {
		return list[0], 0, nil
	}
	kind, number, numbered := strings.Cut(name, ":")
	at := slices.IndexFunc(list, func(r Registration) bool { return r.Name == kind })
	if at < 0 {
		return r, 0, fmt.Errorf("device is %q, want one of those that are linked: %s", name, strings.Join(Devices(), ", "))
	}
	if !numbered {
		return list[at], 0, nil
	}
	if list[at].Count == nil {
		return r, 0, fmt.Errorf("device is %q, and there is only one %s: leave the number out", name, kind)
	}
	if number == "all" {
		return list[at], All, nil
	}
	if index, err = strconv.Atoi(number); err != nil || index < 0 {
		return r, 0, fmt.Errorf("device is %q, want a number after the colon, or all, such as %s:0", name, kind)
	}
	return list[at], index, nil
}

// Each lists the devices that a name as for [Open] means: of "cuda:all" each by its number, of another name itself.
func Each(name string) ([]string, error) {
	r, index, err := Find(name)
	if err != nil || index != All {
		return []string{name}, err
	}
	n, err := r.Count()
	if err != nil {
		return nil, err
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s:%d", r.Name, i)
	}
	return names, nil
}

// standard is the default device with default options. It is never closed.
func standard() (Device, error) {
	registry.Lock()
	defer registry.Unlock()
	if registry.standard != nil {
		return registry.standard, nil
	}
	if len(registry.list) == 0 {
		return nil, errNoDevice
	}
	d, err := registry.list[0].Open(DeviceOptions{})
	if err == nil {
		registry.standard = d
	}
	return d, err
}

// Define computes op as it is defined, on row-major tensors of one type. Of an Update it
// writes the inputs that a Program writes, and out is the new value of the first.
func Define(op Operation, out *tensor.Dense, in []*tensor.Dense) error {
	registry.Lock()
	list := registry.list
	registry.Unlock()
	if len(list) == 0 || list[0].Define == nil {
		return fmt.Errorf("%v: no device that defines operations is linked: import _ \"cradio/cpu/machine\"", op)
	}
	return list[0].Define(op, out, in)
}
