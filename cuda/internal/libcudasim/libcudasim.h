#pragma once

#include <stddef.h>
#include <stdlib.h>

typedef unsigned int u32;
typedef unsigned long long u64;

// A function of the driver, as it is emulated.
struct emulated {
	const char *name;
	void *function;
};

// cradio_libcudasim_function returns the i-th of them. The name after the last is NULL.
struct emulated cradio_libcudasim_function(int i);

// The current context of the thread.
void *cradio_libcudasim_current(void);
void cradio_libcudasim_set_current(void *context);
