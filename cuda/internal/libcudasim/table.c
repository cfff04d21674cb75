//go:build nvidia && cudasim && linux && cgo

#include "_cgo_export.h"

static const struct emulated functions[] = {
	{"cuDeviceGetCount", simDeviceGetCount},
	{"cuDeviceGet", simDeviceGet},
	{"cuDeviceGetName", simDeviceGetName},
	{"cuDeviceGetAttribute", simDeviceGetAttribute},
	{"cuDevicePrimaryCtxRetain", simPrimaryCtxRetain},
	{"cuDevicePrimaryCtxRelease_v2", simPrimaryCtxRelease},
	{"cuCtxSetCurrent", simCtxSetCurrent},
	{"cuMemGetInfo_v2", simMemGetInfo},
	{"cuModuleLoadData", simModuleLoadData},
	{"cuModuleGetFunction", simModuleGetFunction},
	{"cuModuleUnload", simModuleUnload},
	{"cuFuncSetAttribute", simFuncSetAttribute},
	{"cuMemAlloc_v2", simMemAlloc},
	{"cuMemFree_v2", simMemFree},
	{"cuMemcpyHtoD_v2", simMemcpyHtoD},
	{"cuMemcpyDtoH_v2", simMemcpyDtoH},
	{"cuLaunchKernel", simLaunchKernel},
	{"cuStreamCreate", simStreamCreate},
	{"cuStreamSynchronize", simStreamSynchronize},
	{"cuStreamDestroy_v2", simStreamDestroy},
	{NULL, NULL},
};

struct emulated cradio_libcudasim_function(int i) { return functions[i]; }
