package cuda

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// gpus are GPUs for which programs are planned without one: NVIDIA's data sheets say how many multiprocessors they have.
var gpus = map[string]Description{
	"P100": {Architecture: 60, Multiprocessors: 56}, "V100": {Architecture: 70, Multiprocessors: 80}, "T4": {Architecture: 75, Multiprocessors: 40},
	"A100": {Architecture: 80, Multiprocessors: 108}, "A10": {Architecture: 86, Multiprocessors: 72},
	"L4": {Architecture: 89, Multiprocessors: 58}, "L40S": {Architecture: 89, Multiprocessors: 142},
	"H100": {Architecture: 90, Multiprocessors: 132}, "H200": {Architecture: 90, Multiprocessors: 132},
}

// KnownGPUs lists the names that Describe knows.
func KnownGPUs() []string { return slices.Sorted(maps.Keys(gpus)) }

// Describe describes a GPU that need not be there: by a name of KnownGPUs, or by its compute capability and how many
// multiprocessors it has, such as "9.0:132".
func Describe(name string) (Description, error) {
	if about, ok := gpus[strings.ToUpper(name)]; ok {
		about.Name = strings.ToUpper(name)
		return about, nil
	}
	capability, count, _ := strings.Cut(name, ":")
	major, minor, _ := strings.Cut(capability, ".")
	var numbers [3]int
	for i, text := range []string{major, minor, count} {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || i == 1 && n > 9 || i != 1 && (n == 0 || n > 9999) {
			return Description{}, fmt.Errorf("the GPU is %.40q, want one of %s, or a compute capability and a number of multiprocessors, such as 9.0:132", name, strings.Join(KnownGPUs(), ", "))
		}
		numbers[i] = n
	}
	return Description{Name: name, Architecture: 10*numbers[0] + numbers[1], Multiprocessors: numbers[2]}, nil
}

// Planned is a device that is not there: programs compile for it and list their launches, and none is loaded. Of o, the
// Driver is not used.
func Planned(about Description, o Options) (*Device, error) {
	o.Driver = absent{about: about}
	return New(o)
}

// absent is the driver of a GPU that is not there. Room asks for memory before anything else is.
type absent struct {
	Driver
	about Description
}

// errPlanned is the error of what needs a GPU.
var errPlanned = errors.New("the GPU is only planned for: nothing runs on it")

// Describe implements Driver.
func (a absent) Describe() Description { return a.about }

// Memory implements Driver.
func (absent) Memory() (int64, error) { return 0, errPlanned }

// Close implements Driver.
func (absent) Close() error { return nil }
