//go:build nvidia && linux && cgo

#include "libcuda.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int no_device(void) { return 100; } // CUDA_ERROR_NO_DEVICE: the driver is not open
static int not_found(void) { return 500; } // CUDA_ERROR_NOT_FOUND: the driver is older than the function

static const char *names[] = {
#define X(name) #name,
#include "table.h"
#undef X
};

enum { COUNT = sizeof names / sizeof *names };

// The jumps go through this table.
void *cradio_libcuda_table[COUNT] = {
#define X(name) (void *)no_device,
#include "table.h"
#undef X
};

// cuInit is called by gorgonia.org/cu when the program starts.
int cuInit(unsigned flags) { return 0; }

int cradio_libcuda_open(const char *library, char *why, int size) {
	void *lib = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		snprintf(why, size, "%s", dlerror());
		return -1;
	}
	int (*init)(unsigned) = (int (*)(unsigned))dlsym(lib, "cuInit");
	int code = init ? init(0) : 500;
	if (code) {
		snprintf(why, size, "cuInit: error %d", code);
		return code;
	}
	for (int i = 0; i < COUNT; i++) {
		void *function = dlsym(lib, names[i]);
		cradio_libcuda_table[i] = function ? function : (void *)not_found;
	}
	return 0;
}

int cradio_libcuda_set(const char *name, void *function) {
	for (int i = 0; i < COUNT; i++)
		if (!strcmp(names[i], name)) {
			cradio_libcuda_table[i] = function;
			return 0;
		}
	return -1;
}
