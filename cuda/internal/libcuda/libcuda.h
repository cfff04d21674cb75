// cradio_libcuda_open opens a library and fills the table from it. It returns 0, or a code other than 0 with the reason.
int cradio_libcuda_open(const char *library, char *why, int size);

// cradio_libcuda_set puts a function in the place of one of the driver's. It returns 0, or -1 if there is none of that name.
int cradio_libcuda_set(const char *name, void *function);
