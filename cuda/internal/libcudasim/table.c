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
	{"cuMemcpyHtoDAsync_v2", simMemcpyHtoDAsync},
	{"cuMemcpyDtoHAsync_v2", simMemcpyDtoHAsync},
	{"cuMemAllocHost_v2", simMemAllocHost},
	{"cuMemFreeHost", simMemFreeHost},
	{"cuEventCreate", simEventCreate},
	{"cuEventRecord", simEventRecord},
	{"cuEventSynchronize", simEventSynchronize},
	{"cuEventDestroy_v2", simEventDestroy},
	{"cuLaunchKernel", simLaunchKernel},
	{"cuLaunchKernelEx", simLaunchKernelEx},
	{"cuTensorMapEncodeTiled", simTensorMapEncodeTiled},
	{"cuDriverGetVersion", simDriverGetVersion},
	{"cuStreamCreate", simStreamCreate},
	{"cuStreamSynchronize", simStreamSynchronize},
	{"cuStreamDestroy_v2", simStreamDestroy},
	{"cuStreamWaitEvent", simStreamWaitEvent},
	{"cuStreamBeginCapture_v2", simStreamBeginCapture},
	{"cuStreamEndCapture", simStreamEndCapture},
	{"cuGraphInstantiateWithFlags", simGraphInstantiate},
	{"cuGraphLaunch", simGraphLaunch},
	{"cuGraphDestroy", simGraphDestroy},
	{"cuGraphExecDestroy", simGraphDestroy},
	{NULL, NULL},
};

struct emulated cradio_libcudasim_function(int i) { return functions[i]; }

static __thread void *current;

void *cradio_libcudasim_current(void) { return current; }
void cradio_libcudasim_set_current(void *context) { current = context; }
