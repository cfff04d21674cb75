//go:build nvidia && linux && cgo

// Generated from symbols.txt by gen.
	.text
	.globl cuArray3DCreate_v2
	.type cuArray3DCreate_v2, %function
cuArray3DCreate_v2:
	jmp *cradio_libcuda_table+0(%rip)
	.globl cuArray3DGetDescriptor_v2
	.type cuArray3DGetDescriptor_v2, %function
cuArray3DGetDescriptor_v2:
	jmp *cradio_libcuda_table+8(%rip)
	.globl cuArrayCreate_v2
	.type cuArrayCreate_v2, %function
cuArrayCreate_v2:
	jmp *cradio_libcuda_table+16(%rip)
	.globl cuArrayDestroy
	.type cuArrayDestroy, %function
cuArrayDestroy:
	jmp *cradio_libcuda_table+24(%rip)
	.globl cuArrayGetDescriptor_v2
	.type cuArrayGetDescriptor_v2, %function
cuArrayGetDescriptor_v2:
	jmp *cradio_libcuda_table+32(%rip)
	.globl cuCtxCreate_v2
	.type cuCtxCreate_v2, %function
cuCtxCreate_v2:
	jmp *cradio_libcuda_table+40(%rip)
	.globl cuCtxDestroy_v2
	.type cuCtxDestroy_v2, %function
cuCtxDestroy_v2:
	jmp *cradio_libcuda_table+48(%rip)
	.globl cuCtxDisablePeerAccess
	.type cuCtxDisablePeerAccess, %function
cuCtxDisablePeerAccess:
	jmp *cradio_libcuda_table+56(%rip)
	.globl cuCtxEnablePeerAccess
	.type cuCtxEnablePeerAccess, %function
cuCtxEnablePeerAccess:
	jmp *cradio_libcuda_table+64(%rip)
	.globl cuCtxGetApiVersion
	.type cuCtxGetApiVersion, %function
cuCtxGetApiVersion:
	jmp *cradio_libcuda_table+72(%rip)
	.globl cuCtxGetCacheConfig
	.type cuCtxGetCacheConfig, %function
cuCtxGetCacheConfig:
	jmp *cradio_libcuda_table+80(%rip)
	.globl cuCtxGetCurrent
	.type cuCtxGetCurrent, %function
cuCtxGetCurrent:
	jmp *cradio_libcuda_table+88(%rip)
	.globl cuCtxGetDevice
	.type cuCtxGetDevice, %function
cuCtxGetDevice:
	jmp *cradio_libcuda_table+96(%rip)
	.globl cuCtxGetFlags
	.type cuCtxGetFlags, %function
cuCtxGetFlags:
	jmp *cradio_libcuda_table+104(%rip)
	.globl cuCtxGetLimit
	.type cuCtxGetLimit, %function
cuCtxGetLimit:
	jmp *cradio_libcuda_table+112(%rip)
	.globl cuCtxGetSharedMemConfig
	.type cuCtxGetSharedMemConfig, %function
cuCtxGetSharedMemConfig:
	jmp *cradio_libcuda_table+120(%rip)
	.globl cuCtxGetStreamPriorityRange
	.type cuCtxGetStreamPriorityRange, %function
cuCtxGetStreamPriorityRange:
	jmp *cradio_libcuda_table+128(%rip)
	.globl cuCtxPopCurrent_v2
	.type cuCtxPopCurrent_v2, %function
cuCtxPopCurrent_v2:
	jmp *cradio_libcuda_table+136(%rip)
	.globl cuCtxPushCurrent_v2
	.type cuCtxPushCurrent_v2, %function
cuCtxPushCurrent_v2:
	jmp *cradio_libcuda_table+144(%rip)
	.globl cuCtxResetPersistingL2Cache
	.type cuCtxResetPersistingL2Cache, %function
cuCtxResetPersistingL2Cache:
	jmp *cradio_libcuda_table+152(%rip)
	.globl cuCtxSetCacheConfig
	.type cuCtxSetCacheConfig, %function
cuCtxSetCacheConfig:
	jmp *cradio_libcuda_table+160(%rip)
	.globl cuCtxSetCurrent
	.type cuCtxSetCurrent, %function
cuCtxSetCurrent:
	jmp *cradio_libcuda_table+168(%rip)
	.globl cuCtxSetLimit
	.type cuCtxSetLimit, %function
cuCtxSetLimit:
	jmp *cradio_libcuda_table+176(%rip)
	.globl cuCtxSetSharedMemConfig
	.type cuCtxSetSharedMemConfig, %function
cuCtxSetSharedMemConfig:
	jmp *cradio_libcuda_table+184(%rip)
	.globl cuCtxSynchronize
	.type cuCtxSynchronize, %function
cuCtxSynchronize:
	jmp *cradio_libcuda_table+192(%rip)
	.globl cuDeviceCanAccessPeer
	.type cuDeviceCanAccessPeer, %function
cuDeviceCanAccessPeer:
	jmp *cradio_libcuda_table+200(%rip)
	.globl cuDeviceGet
	.type cuDeviceGet, %function
cuDeviceGet:
	jmp *cradio_libcuda_table+208(%rip)
	.globl cuDeviceGetAttribute
	.type cuDeviceGetAttribute, %function
cuDeviceGetAttribute:
	jmp *cradio_libcuda_table+216(%rip)
	.globl cuDeviceGetCount
	.type cuDeviceGetCount, %function
cuDeviceGetCount:
	jmp *cradio_libcuda_table+224(%rip)
	.globl cuDeviceGetName
	.type cuDeviceGetName, %function
cuDeviceGetName:
	jmp *cradio_libcuda_table+232(%rip)
	.globl cuDeviceGetP2PAttribute
	.type cuDeviceGetP2PAttribute, %function
cuDeviceGetP2PAttribute:
	jmp *cradio_libcuda_table+240(%rip)
	.globl cuDeviceGetUuid
	.type cuDeviceGetUuid, %function
cuDeviceGetUuid:
	jmp *cradio_libcuda_table+248(%rip)
	.globl cuDeviceGetUuid_v2
	.type cuDeviceGetUuid_v2, %function
cuDeviceGetUuid_v2:
	jmp *cradio_libcuda_table+256(%rip)
	.globl cuDevicePrimaryCtxGetState
	.type cuDevicePrimaryCtxGetState, %function
cuDevicePrimaryCtxGetState:
	jmp *cradio_libcuda_table+264(%rip)
	.globl cuDevicePrimaryCtxRelease_v2
	.type cuDevicePrimaryCtxRelease_v2, %function
cuDevicePrimaryCtxRelease_v2:
	jmp *cradio_libcuda_table+272(%rip)
	.globl cuDevicePrimaryCtxReset_v2
	.type cuDevicePrimaryCtxReset_v2, %function
cuDevicePrimaryCtxReset_v2:
	jmp *cradio_libcuda_table+280(%rip)
	.globl cuDevicePrimaryCtxRetain
	.type cuDevicePrimaryCtxRetain, %function
cuDevicePrimaryCtxRetain:
	jmp *cradio_libcuda_table+288(%rip)
	.globl cuDevicePrimaryCtxSetFlags_v2
	.type cuDevicePrimaryCtxSetFlags_v2, %function
cuDevicePrimaryCtxSetFlags_v2:
	jmp *cradio_libcuda_table+296(%rip)
	.globl cuDeviceTotalMem_v2
	.type cuDeviceTotalMem_v2, %function
cuDeviceTotalMem_v2:
	jmp *cradio_libcuda_table+304(%rip)
	.globl cuDriverGetVersion
	.type cuDriverGetVersion, %function
cuDriverGetVersion:
	jmp *cradio_libcuda_table+312(%rip)
	.globl cuEventCreate
	.type cuEventCreate, %function
cuEventCreate:
	jmp *cradio_libcuda_table+320(%rip)
	.globl cuEventDestroy_v2
	.type cuEventDestroy_v2, %function
cuEventDestroy_v2:
	jmp *cradio_libcuda_table+328(%rip)
	.globl cuEventElapsedTime
	.type cuEventElapsedTime, %function
cuEventElapsedTime:
	jmp *cradio_libcuda_table+336(%rip)
	.globl cuEventElapsedTime_v2
	.type cuEventElapsedTime_v2, %function
cuEventElapsedTime_v2:
	jmp *cradio_libcuda_table+344(%rip)
	.globl cuEventQuery
	.type cuEventQuery, %function
cuEventQuery:
	jmp *cradio_libcuda_table+352(%rip)
	.globl cuEventRecord
	.type cuEventRecord, %function
cuEventRecord:
	jmp *cradio_libcuda_table+360(%rip)
	.globl cuEventSynchronize
	.type cuEventSynchronize, %function
cuEventSynchronize:
	jmp *cradio_libcuda_table+368(%rip)
	.globl cuFuncGetAttribute
	.type cuFuncGetAttribute, %function
cuFuncGetAttribute:
	jmp *cradio_libcuda_table+376(%rip)
	.globl cuFuncSetAttribute
	.type cuFuncSetAttribute, %function
cuFuncSetAttribute:
	jmp *cradio_libcuda_table+384(%rip)
	.globl cuFuncSetCacheConfig
	.type cuFuncSetCacheConfig, %function
cuFuncSetCacheConfig:
	jmp *cradio_libcuda_table+392(%rip)
	.globl cuFuncSetSharedMemConfig
	.type cuFuncSetSharedMemConfig, %function
cuFuncSetSharedMemConfig:
	jmp *cradio_libcuda_table+400(%rip)
	.globl cuGraphAddChildGraphNode
	.type cuGraphAddChildGraphNode, %function
cuGraphAddChildGraphNode:
	jmp *cradio_libcuda_table+408(%rip)
	.globl cuGraphAddDependencies
	.type cuGraphAddDependencies, %function
cuGraphAddDependencies:
	jmp *cradio_libcuda_table+416(%rip)
	.globl cuGraphAddEmptyNode
	.type cuGraphAddEmptyNode, %function
cuGraphAddEmptyNode:
	jmp *cradio_libcuda_table+424(%rip)
	.globl cuGraphAddHostNode
	.type cuGraphAddHostNode, %function
cuGraphAddHostNode:
	jmp *cradio_libcuda_table+432(%rip)
	.globl cuGraphAddKernelNode_v2
	.type cuGraphAddKernelNode_v2, %function
cuGraphAddKernelNode_v2:
	jmp *cradio_libcuda_table+440(%rip)
	.globl cuGraphAddMemcpyNode
	.type cuGraphAddMemcpyNode, %function
cuGraphAddMemcpyNode:
	jmp *cradio_libcuda_table+448(%rip)
	.globl cuGraphAddMemsetNode
	.type cuGraphAddMemsetNode, %function
cuGraphAddMemsetNode:
	jmp *cradio_libcuda_table+456(%rip)
	.globl cuGraphClone
	.type cuGraphClone, %function
cuGraphClone:
	jmp *cradio_libcuda_table+464(%rip)
	.globl cuGraphCreate
	.type cuGraphCreate, %function
cuGraphCreate:
	jmp *cradio_libcuda_table+472(%rip)
	.globl cuGraphDestroy
	.type cuGraphDestroy, %function
cuGraphDestroy:
	jmp *cradio_libcuda_table+480(%rip)
	.globl cuGraphDestroyNode
	.type cuGraphDestroyNode, %function
cuGraphDestroyNode:
	jmp *cradio_libcuda_table+488(%rip)
	.globl cuGraphExecDestroy
	.type cuGraphExecDestroy, %function
cuGraphExecDestroy:
	jmp *cradio_libcuda_table+496(%rip)
	.globl cuGraphGetEdges
	.type cuGraphGetEdges, %function
cuGraphGetEdges:
	jmp *cradio_libcuda_table+504(%rip)
	.globl cuGraphInstantiateWithFlags
	.type cuGraphInstantiateWithFlags, %function
cuGraphInstantiateWithFlags:
	jmp *cradio_libcuda_table+512(%rip)
	.globl cuGraphLaunch
	.type cuGraphLaunch, %function
cuGraphLaunch:
	jmp *cradio_libcuda_table+520(%rip)
	.globl cuLaunchKernel
	.type cuLaunchKernel, %function
cuLaunchKernel:
	jmp *cradio_libcuda_table+528(%rip)
	.globl cuLaunchKernelEx
	.type cuLaunchKernelEx, %function
cuLaunchKernelEx:
	jmp *cradio_libcuda_table+536(%rip)
	.globl cuLinkAddData_v2
	.type cuLinkAddData_v2, %function
cuLinkAddData_v2:
	jmp *cradio_libcuda_table+544(%rip)
	.globl cuLinkAddFile_v2
	.type cuLinkAddFile_v2, %function
cuLinkAddFile_v2:
	jmp *cradio_libcuda_table+552(%rip)
	.globl cuLinkComplete
	.type cuLinkComplete, %function
cuLinkComplete:
	jmp *cradio_libcuda_table+560(%rip)
	.globl cuLinkCreate_v2
	.type cuLinkCreate_v2, %function
cuLinkCreate_v2:
	jmp *cradio_libcuda_table+568(%rip)
	.globl cuLinkDestroy
	.type cuLinkDestroy, %function
cuLinkDestroy:
	jmp *cradio_libcuda_table+576(%rip)
	.globl cuMemAdvise
	.type cuMemAdvise, %function
cuMemAdvise:
	jmp *cradio_libcuda_table+584(%rip)
	.globl cuMemAllocHost_v2
	.type cuMemAllocHost_v2, %function
cuMemAllocHost_v2:
	jmp *cradio_libcuda_table+592(%rip)
	.globl cuMemAllocManaged
	.type cuMemAllocManaged, %function
cuMemAllocManaged:
	jmp *cradio_libcuda_table+600(%rip)
	.globl cuMemAllocPitch_v2
	.type cuMemAllocPitch_v2, %function
cuMemAllocPitch_v2:
	jmp *cradio_libcuda_table+608(%rip)
	.globl cuMemAlloc_v2
	.type cuMemAlloc_v2, %function
cuMemAlloc_v2:
	jmp *cradio_libcuda_table+616(%rip)
	.globl cuMemFreeHost
	.type cuMemFreeHost, %function
cuMemFreeHost:
	jmp *cradio_libcuda_table+624(%rip)
	.globl cuMemFree_v2
	.type cuMemFree_v2, %function
cuMemFree_v2:
	jmp *cradio_libcuda_table+632(%rip)
	.globl cuMemGetAddressRange_v2
	.type cuMemGetAddressRange_v2, %function
cuMemGetAddressRange_v2:
	jmp *cradio_libcuda_table+640(%rip)
	.globl cuMemGetInfo_v2
	.type cuMemGetInfo_v2, %function
cuMemGetInfo_v2:
	jmp *cradio_libcuda_table+648(%rip)
	.globl cuMemHostRegister_v2
	.type cuMemHostRegister_v2, %function
cuMemHostRegister_v2:
	jmp *cradio_libcuda_table+656(%rip)
	.globl cuMemHostUnregister
	.type cuMemHostUnregister, %function
cuMemHostUnregister:
	jmp *cradio_libcuda_table+664(%rip)
	.globl cuMemPrefetchAsync
	.type cuMemPrefetchAsync, %function
cuMemPrefetchAsync:
	jmp *cradio_libcuda_table+672(%rip)
	.globl cuMemcpy
	.type cuMemcpy, %function
cuMemcpy:
	jmp *cradio_libcuda_table+680(%rip)
	.globl cuMemcpy2DAsync_v2
	.type cuMemcpy2DAsync_v2, %function
cuMemcpy2DAsync_v2:
	jmp *cradio_libcuda_table+688(%rip)
	.globl cuMemcpy2DUnaligned_v2
	.type cuMemcpy2DUnaligned_v2, %function
cuMemcpy2DUnaligned_v2:
	jmp *cradio_libcuda_table+696(%rip)
	.globl cuMemcpy2D_v2
	.type cuMemcpy2D_v2, %function
cuMemcpy2D_v2:
	jmp *cradio_libcuda_table+704(%rip)
	.globl cuMemcpy3DAsync_v2
	.type cuMemcpy3DAsync_v2, %function
cuMemcpy3DAsync_v2:
	jmp *cradio_libcuda_table+712(%rip)
	.globl cuMemcpy3DPeer
	.type cuMemcpy3DPeer, %function
cuMemcpy3DPeer:
	jmp *cradio_libcuda_table+720(%rip)
	.globl cuMemcpy3DPeerAsync
	.type cuMemcpy3DPeerAsync, %function
cuMemcpy3DPeerAsync:
	jmp *cradio_libcuda_table+728(%rip)
	.globl cuMemcpy3D_v2
	.type cuMemcpy3D_v2, %function
cuMemcpy3D_v2:
	jmp *cradio_libcuda_table+736(%rip)
	.globl cuMemcpyAsync
	.type cuMemcpyAsync, %function
cuMemcpyAsync:
	jmp *cradio_libcuda_table+744(%rip)
	.globl cuMemcpyAtoA_v2
	.type cuMemcpyAtoA_v2, %function
cuMemcpyAtoA_v2:
	jmp *cradio_libcuda_table+752(%rip)
	.globl cuMemcpyAtoD_v2
	.type cuMemcpyAtoD_v2, %function
cuMemcpyAtoD_v2:
	jmp *cradio_libcuda_table+760(%rip)
	.globl cuMemcpyAtoHAsync_v2
	.type cuMemcpyAtoHAsync_v2, %function
cuMemcpyAtoHAsync_v2:
	jmp *cradio_libcuda_table+768(%rip)
	.globl cuMemcpyAtoH_v2
	.type cuMemcpyAtoH_v2, %function
cuMemcpyAtoH_v2:
	jmp *cradio_libcuda_table+776(%rip)
	.globl cuMemcpyDtoA_v2
	.type cuMemcpyDtoA_v2, %function
cuMemcpyDtoA_v2:
	jmp *cradio_libcuda_table+784(%rip)
	.globl cuMemcpyDtoDAsync_v2
	.type cuMemcpyDtoDAsync_v2, %function
cuMemcpyDtoDAsync_v2:
	jmp *cradio_libcuda_table+792(%rip)
	.globl cuMemcpyDtoD_v2
	.type cuMemcpyDtoD_v2, %function
cuMemcpyDtoD_v2:
	jmp *cradio_libcuda_table+800(%rip)
	.globl cuMemcpyDtoHAsync_v2
	.type cuMemcpyDtoHAsync_v2, %function
cuMemcpyDtoHAsync_v2:
	jmp *cradio_libcuda_table+808(%rip)
	.globl cuMemcpyDtoH_v2
	.type cuMemcpyDtoH_v2, %function
cuMemcpyDtoH_v2:
	jmp *cradio_libcuda_table+816(%rip)
	.globl cuMemcpyHtoAAsync_v2
	.type cuMemcpyHtoAAsync_v2, %function
cuMemcpyHtoAAsync_v2:
	jmp *cradio_libcuda_table+824(%rip)
	.globl cuMemcpyHtoA_v2
	.type cuMemcpyHtoA_v2, %function
cuMemcpyHtoA_v2:
	jmp *cradio_libcuda_table+832(%rip)
	.globl cuMemcpyHtoDAsync_v2
	.type cuMemcpyHtoDAsync_v2, %function
cuMemcpyHtoDAsync_v2:
	jmp *cradio_libcuda_table+840(%rip)
	.globl cuMemcpyHtoD_v2
	.type cuMemcpyHtoD_v2, %function
cuMemcpyHtoD_v2:
	jmp *cradio_libcuda_table+848(%rip)
	.globl cuMemcpyPeer
	.type cuMemcpyPeer, %function
cuMemcpyPeer:
	jmp *cradio_libcuda_table+856(%rip)
	.globl cuMemcpyPeerAsync
	.type cuMemcpyPeerAsync, %function
cuMemcpyPeerAsync:
	jmp *cradio_libcuda_table+864(%rip)
	.globl cuMemsetD16Async
	.type cuMemsetD16Async, %function
cuMemsetD16Async:
	jmp *cradio_libcuda_table+872(%rip)
	.globl cuMemsetD16_v2
	.type cuMemsetD16_v2, %function
cuMemsetD16_v2:
	jmp *cradio_libcuda_table+880(%rip)
	.globl cuMemsetD2D16Async
	.type cuMemsetD2D16Async, %function
cuMemsetD2D16Async:
	jmp *cradio_libcuda_table+888(%rip)
	.globl cuMemsetD2D16_v2
	.type cuMemsetD2D16_v2, %function
cuMemsetD2D16_v2:
	jmp *cradio_libcuda_table+896(%rip)
	.globl cuMemsetD2D32Async
	.type cuMemsetD2D32Async, %function
cuMemsetD2D32Async:
	jmp *cradio_libcuda_table+904(%rip)
	.globl cuMemsetD2D32_v2
	.type cuMemsetD2D32_v2, %function
cuMemsetD2D32_v2:
	jmp *cradio_libcuda_table+912(%rip)
	.globl cuMemsetD2D8Async
	.type cuMemsetD2D8Async, %function
cuMemsetD2D8Async:
	jmp *cradio_libcuda_table+920(%rip)
	.globl cuMemsetD2D8_v2
	.type cuMemsetD2D8_v2, %function
cuMemsetD2D8_v2:
	jmp *cradio_libcuda_table+928(%rip)
	.globl cuMemsetD32Async
	.type cuMemsetD32Async, %function
cuMemsetD32Async:
	jmp *cradio_libcuda_table+936(%rip)
	.globl cuMemsetD32_v2
	.type cuMemsetD32_v2, %function
cuMemsetD32_v2:
	jmp *cradio_libcuda_table+944(%rip)
	.globl cuMemsetD8Async
	.type cuMemsetD8Async, %function
cuMemsetD8Async:
	jmp *cradio_libcuda_table+952(%rip)
	.globl cuMemsetD8_v2
	.type cuMemsetD8_v2, %function
cuMemsetD8_v2:
	jmp *cradio_libcuda_table+960(%rip)
	.globl cuModuleGetFunction
	.type cuModuleGetFunction, %function
cuModuleGetFunction:
	jmp *cradio_libcuda_table+968(%rip)
	.globl cuModuleGetGlobal_v2
	.type cuModuleGetGlobal_v2, %function
cuModuleGetGlobal_v2:
	jmp *cradio_libcuda_table+976(%rip)
	.globl cuModuleGetSurfRef
	.type cuModuleGetSurfRef, %function
cuModuleGetSurfRef:
	jmp *cradio_libcuda_table+984(%rip)
	.globl cuModuleGetTexRef
	.type cuModuleGetTexRef, %function
cuModuleGetTexRef:
	jmp *cradio_libcuda_table+992(%rip)
	.globl cuModuleLoad
	.type cuModuleLoad, %function
cuModuleLoad:
	jmp *cradio_libcuda_table+1000(%rip)
	.globl cuModuleLoadData
	.type cuModuleLoadData, %function
cuModuleLoadData:
	jmp *cradio_libcuda_table+1008(%rip)
	.globl cuModuleLoadDataEx
	.type cuModuleLoadDataEx, %function
cuModuleLoadDataEx:
	jmp *cradio_libcuda_table+1016(%rip)
	.globl cuModuleLoadFatBinary
	.type cuModuleLoadFatBinary, %function
cuModuleLoadFatBinary:
	jmp *cradio_libcuda_table+1024(%rip)
	.globl cuModuleUnload
	.type cuModuleUnload, %function
cuModuleUnload:
	jmp *cradio_libcuda_table+1032(%rip)
	.globl cuOccupancyMaxActiveBlocksPerMultiprocessor
	.type cuOccupancyMaxActiveBlocksPerMultiprocessor, %function
cuOccupancyMaxActiveBlocksPerMultiprocessor:
	jmp *cradio_libcuda_table+1040(%rip)
	.globl cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags
	.type cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, %function
cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags:
	jmp *cradio_libcuda_table+1048(%rip)
	.globl cuPointerGetAttribute
	.type cuPointerGetAttribute, %function
cuPointerGetAttribute:
	jmp *cradio_libcuda_table+1056(%rip)
	.globl cuPointerSetAttribute
	.type cuPointerSetAttribute, %function
cuPointerSetAttribute:
	jmp *cradio_libcuda_table+1064(%rip)
	.globl cuStreamAttachMemAsync
	.type cuStreamAttachMemAsync, %function
cuStreamAttachMemAsync:
	jmp *cradio_libcuda_table+1072(%rip)
	.globl cuStreamBeginCapture_v2
	.type cuStreamBeginCapture_v2, %function
cuStreamBeginCapture_v2:
	jmp *cradio_libcuda_table+1080(%rip)
	.globl cuStreamCreate
	.type cuStreamCreate, %function
cuStreamCreate:
	jmp *cradio_libcuda_table+1088(%rip)
	.globl cuStreamCreateWithPriority
	.type cuStreamCreateWithPriority, %function
cuStreamCreateWithPriority:
	jmp *cradio_libcuda_table+1096(%rip)
	.globl cuStreamDestroy_v2
	.type cuStreamDestroy_v2, %function
cuStreamDestroy_v2:
	jmp *cradio_libcuda_table+1104(%rip)
	.globl cuStreamEndCapture
	.type cuStreamEndCapture, %function
cuStreamEndCapture:
	jmp *cradio_libcuda_table+1112(%rip)
	.globl cuStreamGetFlags
	.type cuStreamGetFlags, %function
cuStreamGetFlags:
	jmp *cradio_libcuda_table+1120(%rip)
	.globl cuStreamGetPriority
	.type cuStreamGetPriority, %function
cuStreamGetPriority:
	jmp *cradio_libcuda_table+1128(%rip)
	.globl cuStreamQuery
	.type cuStreamQuery, %function
cuStreamQuery:
	jmp *cradio_libcuda_table+1136(%rip)
	.globl cuStreamSynchronize
	.type cuStreamSynchronize, %function
cuStreamSynchronize:
	jmp *cradio_libcuda_table+1144(%rip)
	.globl cuStreamWaitEvent
	.type cuStreamWaitEvent, %function
cuStreamWaitEvent:
	jmp *cradio_libcuda_table+1152(%rip)
	.globl cuStreamWaitValue32_v2
	.type cuStreamWaitValue32_v2, %function
cuStreamWaitValue32_v2:
	jmp *cradio_libcuda_table+1160(%rip)
	.globl cuStreamWriteValue32_v2
	.type cuStreamWriteValue32_v2, %function
cuStreamWriteValue32_v2:
	jmp *cradio_libcuda_table+1168(%rip)
	.globl cuSurfRefGetArray
	.type cuSurfRefGetArray, %function
cuSurfRefGetArray:
	jmp *cradio_libcuda_table+1176(%rip)
	.globl cuSurfRefSetArray
	.type cuSurfRefSetArray, %function
cuSurfRefSetArray:
	jmp *cradio_libcuda_table+1184(%rip)
	.globl cuTensorMapEncodeTiled
	.type cuTensorMapEncodeTiled, %function
cuTensorMapEncodeTiled:
	jmp *cradio_libcuda_table+1192(%rip)
	.globl cuTexRefGetAddressMode
	.type cuTexRefGetAddressMode, %function
cuTexRefGetAddressMode:
	jmp *cradio_libcuda_table+1200(%rip)
	.globl cuTexRefGetAddress_v2
	.type cuTexRefGetAddress_v2, %function
cuTexRefGetAddress_v2:
	jmp *cradio_libcuda_table+1208(%rip)
	.globl cuTexRefGetArray
	.type cuTexRefGetArray, %function
cuTexRefGetArray:
	jmp *cradio_libcuda_table+1216(%rip)
	.globl cuTexRefGetBorderColor
	.type cuTexRefGetBorderColor, %function
cuTexRefGetBorderColor:
	jmp *cradio_libcuda_table+1224(%rip)
	.globl cuTexRefGetFilterMode
	.type cuTexRefGetFilterMode, %function
cuTexRefGetFilterMode:
	jmp *cradio_libcuda_table+1232(%rip)
	.globl cuTexRefGetFlags
	.type cuTexRefGetFlags, %function
cuTexRefGetFlags:
	jmp *cradio_libcuda_table+1240(%rip)
	.globl cuTexRefGetFormat
	.type cuTexRefGetFormat, %function
cuTexRefGetFormat:
	jmp *cradio_libcuda_table+1248(%rip)
	.globl cuTexRefGetMaxAnisotropy
	.type cuTexRefGetMaxAnisotropy, %function
cuTexRefGetMaxAnisotropy:
	jmp *cradio_libcuda_table+1256(%rip)
	.globl cuTexRefSetAddress2D_v3
	.type cuTexRefSetAddress2D_v3, %function
cuTexRefSetAddress2D_v3:
	jmp *cradio_libcuda_table+1264(%rip)
	.globl cuTexRefSetAddressMode
	.type cuTexRefSetAddressMode, %function
cuTexRefSetAddressMode:
	jmp *cradio_libcuda_table+1272(%rip)
	.globl cuTexRefSetAddress_v2
	.type cuTexRefSetAddress_v2, %function
cuTexRefSetAddress_v2:
	jmp *cradio_libcuda_table+1280(%rip)
	.globl cuTexRefSetArray
	.type cuTexRefSetArray, %function
cuTexRefSetArray:
	jmp *cradio_libcuda_table+1288(%rip)
	.globl cuTexRefSetBorderColor
	.type cuTexRefSetBorderColor, %function
cuTexRefSetBorderColor:
	jmp *cradio_libcuda_table+1296(%rip)
	.globl cuTexRefSetFilterMode
	.type cuTexRefSetFilterMode, %function
cuTexRefSetFilterMode:
	jmp *cradio_libcuda_table+1304(%rip)
	.globl cuTexRefSetFlags
	.type cuTexRefSetFlags, %function
cuTexRefSetFlags:
	jmp *cradio_libcuda_table+1312(%rip)
	.globl cuTexRefSetFormat
	.type cuTexRefSetFormat, %function
cuTexRefSetFormat:
	jmp *cradio_libcuda_table+1320(%rip)
	.globl cuTexRefSetMaxAnisotropy
	.type cuTexRefSetMaxAnisotropy, %function
cuTexRefSetMaxAnisotropy:
	jmp *cradio_libcuda_table+1328(%rip)
	.globl cuTexRefSetMipmapFilterMode
	.type cuTexRefSetMipmapFilterMode, %function
cuTexRefSetMipmapFilterMode:
	jmp *cradio_libcuda_table+1336(%rip)
	.globl cuTexRefSetMipmapLevelBias
	.type cuTexRefSetMipmapLevelBias, %function
cuTexRefSetMipmapLevelBias:
	jmp *cradio_libcuda_table+1344(%rip)
	.globl cuTexRefSetMipmapLevelClamp
	.type cuTexRefSetMipmapLevelClamp, %function
cuTexRefSetMipmapLevelClamp:
	jmp *cradio_libcuda_table+1352(%rip)
	.section .note.GNU-stack,"",%progbits
