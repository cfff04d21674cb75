//go:build nvidia && linux && cgo

// Generated from symbols.txt by gen.
	.text
	.globl cuArray3DCreate_v2
	.type cuArray3DCreate_v2, %function
cuArray3DCreate_v2:
	adrp x16, cradio_libcuda_table+0
	ldr x16, [x16, #:lo12:cradio_libcuda_table+0]
	br x16
	.globl cuArray3DGetDescriptor_v2
	.type cuArray3DGetDescriptor_v2, %function
cuArray3DGetDescriptor_v2:
	adrp x16, cradio_libcuda_table+8
	ldr x16, [x16, #:lo12:cradio_libcuda_table+8]
	br x16
	.globl cuArrayCreate_v2
	.type cuArrayCreate_v2, %function
cuArrayCreate_v2:
	adrp x16, cradio_libcuda_table+16
	ldr x16, [x16, #:lo12:cradio_libcuda_table+16]
	br x16
	.globl cuArrayDestroy
	.type cuArrayDestroy, %function
cuArrayDestroy:
	adrp x16, cradio_libcuda_table+24
	ldr x16, [x16, #:lo12:cradio_libcuda_table+24]
	br x16
	.globl cuArrayGetDescriptor_v2
	.type cuArrayGetDescriptor_v2, %function
cuArrayGetDescriptor_v2:
	adrp x16, cradio_libcuda_table+32
	ldr x16, [x16, #:lo12:cradio_libcuda_table+32]
	br x16
	.globl cuCtxCreate_v2
	.type cuCtxCreate_v2, %function
cuCtxCreate_v2:
	adrp x16, cradio_libcuda_table+40
	ldr x16, [x16, #:lo12:cradio_libcuda_table+40]
	br x16
	.globl cuCtxDestroy_v2
	.type cuCtxDestroy_v2, %function
cuCtxDestroy_v2:
	adrp x16, cradio_libcuda_table+48
	ldr x16, [x16, #:lo12:cradio_libcuda_table+48]
	br x16
	.globl cuCtxDisablePeerAccess
	.type cuCtxDisablePeerAccess, %function
cuCtxDisablePeerAccess:
	adrp x16, cradio_libcuda_table+56
	ldr x16, [x16, #:lo12:cradio_libcuda_table+56]
	br x16
	.globl cuCtxEnablePeerAccess
	.type cuCtxEnablePeerAccess, %function
cuCtxEnablePeerAccess:
	adrp x16, cradio_libcuda_table+64
	ldr x16, [x16, #:lo12:cradio_libcuda_table+64]
	br x16
	.globl cuCtxGetApiVersion
	.type cuCtxGetApiVersion, %function
cuCtxGetApiVersion:
	adrp x16, cradio_libcuda_table+72
	ldr x16, [x16, #:lo12:cradio_libcuda_table+72]
	br x16
	.globl cuCtxGetCacheConfig
	.type cuCtxGetCacheConfig, %function
cuCtxGetCacheConfig:
	adrp x16, cradio_libcuda_table+80
	ldr x16, [x16, #:lo12:cradio_libcuda_table+80]
	br x16
	.globl cuCtxGetCurrent
	.type cuCtxGetCurrent, %function
cuCtxGetCurrent:
	adrp x16, cradio_libcuda_table+88
	ldr x16, [x16, #:lo12:cradio_libcuda_table+88]
	br x16
	.globl cuCtxGetDevice
	.type cuCtxGetDevice, %function
cuCtxGetDevice:
	adrp x16, cradio_libcuda_table+96
	ldr x16, [x16, #:lo12:cradio_libcuda_table+96]
	br x16
	.globl cuCtxGetFlags
	.type cuCtxGetFlags, %function
cuCtxGetFlags:
	adrp x16, cradio_libcuda_table+104
	ldr x16, [x16, #:lo12:cradio_libcuda_table+104]
	br x16
	.globl cuCtxGetLimit
	.type cuCtxGetLimit, %function
cuCtxGetLimit:
	adrp x16, cradio_libcuda_table+112
	ldr x16, [x16, #:lo12:cradio_libcuda_table+112]
	br x16
	.globl cuCtxGetSharedMemConfig
	.type cuCtxGetSharedMemConfig, %function
cuCtxGetSharedMemConfig:
	adrp x16, cradio_libcuda_table+120
	ldr x16, [x16, #:lo12:cradio_libcuda_table+120]
	br x16
	.globl cuCtxGetStreamPriorityRange
	.type cuCtxGetStreamPriorityRange, %function
cuCtxGetStreamPriorityRange:
	adrp x16, cradio_libcuda_table+128
	ldr x16, [x16, #:lo12:cradio_libcuda_table+128]
	br x16
	.globl cuCtxPopCurrent_v2
	.type cuCtxPopCurrent_v2, %function
cuCtxPopCurrent_v2:
	adrp x16, cradio_libcuda_table+136
	ldr x16, [x16, #:lo12:cradio_libcuda_table+136]
	br x16
	.globl cuCtxPushCurrent_v2
	.type cuCtxPushCurrent_v2, %function
cuCtxPushCurrent_v2:
	adrp x16, cradio_libcuda_table+144
	ldr x16, [x16, #:lo12:cradio_libcuda_table+144]
	br x16
	.globl cuCtxResetPersistingL2Cache
	.type cuCtxResetPersistingL2Cache, %function
cuCtxResetPersistingL2Cache:
	adrp x16, cradio_libcuda_table+152
	ldr x16, [x16, #:lo12:cradio_libcuda_table+152]
	br x16
	.globl cuCtxSetCacheConfig
	.type cuCtxSetCacheConfig, %function
cuCtxSetCacheConfig:
	adrp x16, cradio_libcuda_table+160
	ldr x16, [x16, #:lo12:cradio_libcuda_table+160]
	br x16
	.globl cuCtxSetCurrent
	.type cuCtxSetCurrent, %function
cuCtxSetCurrent:
	adrp x16, cradio_libcuda_table+168
	ldr x16, [x16, #:lo12:cradio_libcuda_table+168]
	br x16
	.globl cuCtxSetLimit
	.type cuCtxSetLimit, %function
cuCtxSetLimit:
	adrp x16, cradio_libcuda_table+176
	ldr x16, [x16, #:lo12:cradio_libcuda_table+176]
	br x16
	.globl cuCtxSetSharedMemConfig
	.type cuCtxSetSharedMemConfig, %function
cuCtxSetSharedMemConfig:
	adrp x16, cradio_libcuda_table+184
	ldr x16, [x16, #:lo12:cradio_libcuda_table+184]
	br x16
	.globl cuCtxSynchronize
	.type cuCtxSynchronize, %function
cuCtxSynchronize:
	adrp x16, cradio_libcuda_table+192
	ldr x16, [x16, #:lo12:cradio_libcuda_table+192]
	br x16
	.globl cuDeviceCanAccessPeer
	.type cuDeviceCanAccessPeer, %function
cuDeviceCanAccessPeer:
	adrp x16, cradio_libcuda_table+200
	ldr x16, [x16, #:lo12:cradio_libcuda_table+200]
	br x16
	.globl cuDeviceGet
	.type cuDeviceGet, %function
cuDeviceGet:
	adrp x16, cradio_libcuda_table+208
	ldr x16, [x16, #:lo12:cradio_libcuda_table+208]
	br x16
	.globl cuDeviceGetAttribute
	.type cuDeviceGetAttribute, %function
cuDeviceGetAttribute:
	adrp x16, cradio_libcuda_table+216
	ldr x16, [x16, #:lo12:cradio_libcuda_table+216]
	br x16
	.globl cuDeviceGetCount
	.type cuDeviceGetCount, %function
cuDeviceGetCount:
	adrp x16, cradio_libcuda_table+224
	ldr x16, [x16, #:lo12:cradio_libcuda_table+224]
	br x16
	.globl cuDeviceGetName
	.type cuDeviceGetName, %function
cuDeviceGetName:
	adrp x16, cradio_libcuda_table+232
	ldr x16, [x16, #:lo12:cradio_libcuda_table+232]
	br x16
	.globl cuDeviceGetP2PAttribute
	.type cuDeviceGetP2PAttribute, %function
cuDeviceGetP2PAttribute:
	adrp x16, cradio_libcuda_table+240
	ldr x16, [x16, #:lo12:cradio_libcuda_table+240]
	br x16
	.globl cuDeviceGetUuid
	.type cuDeviceGetUuid, %function
cuDeviceGetUuid:
	adrp x16, cradio_libcuda_table+248
	ldr x16, [x16, #:lo12:cradio_libcuda_table+248]
	br x16
	.globl cuDeviceGetUuid_v2
	.type cuDeviceGetUuid_v2, %function
cuDeviceGetUuid_v2:
	adrp x16, cradio_libcuda_table+256
	ldr x16, [x16, #:lo12:cradio_libcuda_table+256]
	br x16
	.globl cuDevicePrimaryCtxGetState
	.type cuDevicePrimaryCtxGetState, %function
cuDevicePrimaryCtxGetState:
	adrp x16, cradio_libcuda_table+264
	ldr x16, [x16, #:lo12:cradio_libcuda_table+264]
	br x16
	.globl cuDevicePrimaryCtxRelease_v2
	.type cuDevicePrimaryCtxRelease_v2, %function
cuDevicePrimaryCtxRelease_v2:
	adrp x16, cradio_libcuda_table+272
	ldr x16, [x16, #:lo12:cradio_libcuda_table+272]
	br x16
	.globl cuDevicePrimaryCtxReset_v2
	.type cuDevicePrimaryCtxReset_v2, %function
cuDevicePrimaryCtxReset_v2:
	adrp x16, cradio_libcuda_table+280
	ldr x16, [x16, #:lo12:cradio_libcuda_table+280]
	br x16
	.globl cuDevicePrimaryCtxRetain
	.type cuDevicePrimaryCtxRetain, %function
cuDevicePrimaryCtxRetain:
	adrp x16, cradio_libcuda_table+288
	ldr x16, [x16, #:lo12:cradio_libcuda_table+288]
	br x16
	.globl cuDevicePrimaryCtxSetFlags_v2
	.type cuDevicePrimaryCtxSetFlags_v2, %function
cuDevicePrimaryCtxSetFlags_v2:
	adrp x16, cradio_libcuda_table+296
	ldr x16, [x16, #:lo12:cradio_libcuda_table+296]
	br x16
	.globl cuDeviceTotalMem_v2
	.type cuDeviceTotalMem_v2, %function
cuDeviceTotalMem_v2:
	adrp x16, cradio_libcuda_table+304
	ldr x16, [x16, #:lo12:cradio_libcuda_table+304]
	br x16
	.globl cuDriverGetVersion
	.type cuDriverGetVersion, %function
cuDriverGetVersion:
	adrp x16, cradio_libcuda_table+312
	ldr x16, [x16, #:lo12:cradio_libcuda_table+312]
	br x16
	.globl cuEventCreate
	.type cuEventCreate, %function
cuEventCreate:
	adrp x16, cradio_libcuda_table+320
	ldr x16, [x16, #:lo12:cradio_libcuda_table+320]
	br x16
	.globl cuEventDestroy_v2
	.type cuEventDestroy_v2, %function
cuEventDestroy_v2:
	adrp x16, cradio_libcuda_table+328
	ldr x16, [x16, #:lo12:cradio_libcuda_table+328]
	br x16
	.globl cuEventElapsedTime
	.type cuEventElapsedTime, %function
cuEventElapsedTime:
	adrp x16, cradio_libcuda_table+336
	ldr x16, [x16, #:lo12:cradio_libcuda_table+336]
	br x16
	.globl cuEventElapsedTime_v2
	.type cuEventElapsedTime_v2, %function
cuEventElapsedTime_v2:
	adrp x16, cradio_libcuda_table+344
	ldr x16, [x16, #:lo12:cradio_libcuda_table+344]
	br x16
	.globl cuEventQuery
	.type cuEventQuery, %function
cuEventQuery:
	adrp x16, cradio_libcuda_table+352
	ldr x16, [x16, #:lo12:cradio_libcuda_table+352]
	br x16
	.globl cuEventRecord
	.type cuEventRecord, %function
cuEventRecord:
	adrp x16, cradio_libcuda_table+360
	ldr x16, [x16, #:lo12:cradio_libcuda_table+360]
	br x16
	.globl cuEventSynchronize
	.type cuEventSynchronize, %function
cuEventSynchronize:
	adrp x16, cradio_libcuda_table+368
	ldr x16, [x16, #:lo12:cradio_libcuda_table+368]
	br x16
	.globl cuFuncGetAttribute
	.type cuFuncGetAttribute, %function
cuFuncGetAttribute:
	adrp x16, cradio_libcuda_table+376
	ldr x16, [x16, #:lo12:cradio_libcuda_table+376]
	br x16
	.globl cuFuncSetAttribute
	.type cuFuncSetAttribute, %function
cuFuncSetAttribute:
	adrp x16, cradio_libcuda_table+384
	ldr x16, [x16, #:lo12:cradio_libcuda_table+384]
	br x16
	.globl cuFuncSetCacheConfig
	.type cuFuncSetCacheConfig, %function
cuFuncSetCacheConfig:
	adrp x16, cradio_libcuda_table+392
	ldr x16, [x16, #:lo12:cradio_libcuda_table+392]
	br x16
	.globl cuFuncSetSharedMemConfig
	.type cuFuncSetSharedMemConfig, %function
cuFuncSetSharedMemConfig:
	adrp x16, cradio_libcuda_table+400
	ldr x16, [x16, #:lo12:cradio_libcuda_table+400]
	br x16
	.globl cuGraphAddChildGraphNode
	.type cuGraphAddChildGraphNode, %function
cuGraphAddChildGraphNode:
	adrp x16, cradio_libcuda_table+408
	ldr x16, [x16, #:lo12:cradio_libcuda_table+408]
	br x16
	.globl cuGraphAddDependencies
	.type cuGraphAddDependencies, %function
cuGraphAddDependencies:
	adrp x16, cradio_libcuda_table+416
	ldr x16, [x16, #:lo12:cradio_libcuda_table+416]
	br x16
	.globl cuGraphAddEmptyNode
	.type cuGraphAddEmptyNode, %function
cuGraphAddEmptyNode:
	adrp x16, cradio_libcuda_table+424
	ldr x16, [x16, #:lo12:cradio_libcuda_table+424]
	br x16
	.globl cuGraphAddHostNode
	.type cuGraphAddHostNode, %function
cuGraphAddHostNode:
	adrp x16, cradio_libcuda_table+432
	ldr x16, [x16, #:lo12:cradio_libcuda_table+432]
	br x16
	.globl cuGraphAddKernelNode_v2
	.type cuGraphAddKernelNode_v2, %function
cuGraphAddKernelNode_v2:
	adrp x16, cradio_libcuda_table+440
	ldr x16, [x16, #:lo12:cradio_libcuda_table+440]
	br x16
	.globl cuGraphAddMemcpyNode
	.type cuGraphAddMemcpyNode, %function
cuGraphAddMemcpyNode:
	adrp x16, cradio_libcuda_table+448
	ldr x16, [x16, #:lo12:cradio_libcuda_table+448]
	br x16
	.globl cuGraphAddMemsetNode
	.type cuGraphAddMemsetNode, %function
cuGraphAddMemsetNode:
	adrp x16, cradio_libcuda_table+456
	ldr x16, [x16, #:lo12:cradio_libcuda_table+456]
	br x16
	.globl cuGraphClone
	.type cuGraphClone, %function
cuGraphClone:
	adrp x16, cradio_libcuda_table+464
	ldr x16, [x16, #:lo12:cradio_libcuda_table+464]
	br x16
	.globl cuGraphCreate
	.type cuGraphCreate, %function
cuGraphCreate:
	adrp x16, cradio_libcuda_table+472
	ldr x16, [x16, #:lo12:cradio_libcuda_table+472]
	br x16
	.globl cuGraphDestroy
	.type cuGraphDestroy, %function
cuGraphDestroy:
	adrp x16, cradio_libcuda_table+480
	ldr x16, [x16, #:lo12:cradio_libcuda_table+480]
	br x16
	.globl cuGraphDestroyNode
	.type cuGraphDestroyNode, %function
cuGraphDestroyNode:
	adrp x16, cradio_libcuda_table+488
	ldr x16, [x16, #:lo12:cradio_libcuda_table+488]
	br x16
	.globl cuGraphExecDestroy
	.type cuGraphExecDestroy, %function
cuGraphExecDestroy:
	adrp x16, cradio_libcuda_table+496
	ldr x16, [x16, #:lo12:cradio_libcuda_table+496]
	br x16
	.globl cuGraphGetEdges
	.type cuGraphGetEdges, %function
cuGraphGetEdges:
	adrp x16, cradio_libcuda_table+504
	ldr x16, [x16, #:lo12:cradio_libcuda_table+504]
	br x16
	.globl cuGraphInstantiateWithFlags
	.type cuGraphInstantiateWithFlags, %function
cuGraphInstantiateWithFlags:
	adrp x16, cradio_libcuda_table+512
	ldr x16, [x16, #:lo12:cradio_libcuda_table+512]
	br x16
	.globl cuGraphLaunch
	.type cuGraphLaunch, %function
cuGraphLaunch:
	adrp x16, cradio_libcuda_table+520
	ldr x16, [x16, #:lo12:cradio_libcuda_table+520]
	br x16
	.globl cuLaunchKernel
	.type cuLaunchKernel, %function
cuLaunchKernel:
	adrp x16, cradio_libcuda_table+528
	ldr x16, [x16, #:lo12:cradio_libcuda_table+528]
	br x16
	.globl cuLaunchKernelEx
	.type cuLaunchKernelEx, %function
cuLaunchKernelEx:
	adrp x16, cradio_libcuda_table+536
	ldr x16, [x16, #:lo12:cradio_libcuda_table+536]
	br x16
	.globl cuLinkAddData_v2
	.type cuLinkAddData_v2, %function
cuLinkAddData_v2:
	adrp x16, cradio_libcuda_table+544
	ldr x16, [x16, #:lo12:cradio_libcuda_table+544]
	br x16
	.globl cuLinkAddFile_v2
	.type cuLinkAddFile_v2, %function
cuLinkAddFile_v2:
	adrp x16, cradio_libcuda_table+552
	ldr x16, [x16, #:lo12:cradio_libcuda_table+552]
	br x16
	.globl cuLinkComplete
	.type cuLinkComplete, %function
cuLinkComplete:
	adrp x16, cradio_libcuda_table+560
	ldr x16, [x16, #:lo12:cradio_libcuda_table+560]
	br x16
	.globl cuLinkCreate_v2
	.type cuLinkCreate_v2, %function
cuLinkCreate_v2:
	adrp x16, cradio_libcuda_table+568
	ldr x16, [x16, #:lo12:cradio_libcuda_table+568]
	br x16
	.globl cuLinkDestroy
	.type cuLinkDestroy, %function
cuLinkDestroy:
	adrp x16, cradio_libcuda_table+576
	ldr x16, [x16, #:lo12:cradio_libcuda_table+576]
	br x16
	.globl cuMemAdvise
	.type cuMemAdvise, %function
cuMemAdvise:
	adrp x16, cradio_libcuda_table+584
	ldr x16, [x16, #:lo12:cradio_libcuda_table+584]
	br x16
	.globl cuMemAllocHost_v2
	.type cuMemAllocHost_v2, %function
cuMemAllocHost_v2:
	adrp x16, cradio_libcuda_table+592
	ldr x16, [x16, #:lo12:cradio_libcuda_table+592]
	br x16
	.globl cuMemAllocManaged
	.type cuMemAllocManaged, %function
cuMemAllocManaged:
	adrp x16, cradio_libcuda_table+600
	ldr x16, [x16, #:lo12:cradio_libcuda_table+600]
	br x16
	.globl cuMemAllocPitch_v2
	.type cuMemAllocPitch_v2, %function
cuMemAllocPitch_v2:
	adrp x16, cradio_libcuda_table+608
	ldr x16, [x16, #:lo12:cradio_libcuda_table+608]
	br x16
	.globl cuMemAlloc_v2
	.type cuMemAlloc_v2, %function
cuMemAlloc_v2:
	adrp x16, cradio_libcuda_table+616
	ldr x16, [x16, #:lo12:cradio_libcuda_table+616]
	br x16
	.globl cuMemFreeHost
	.type cuMemFreeHost, %function
cuMemFreeHost:
	adrp x16, cradio_libcuda_table+624
	ldr x16, [x16, #:lo12:cradio_libcuda_table+624]
	br x16
	.globl cuMemFree_v2
	.type cuMemFree_v2, %function
cuMemFree_v2:
	adrp x16, cradio_libcuda_table+632
	ldr x16, [x16, #:lo12:cradio_libcuda_table+632]
	br x16
	.globl cuMemGetAddressRange_v2
	.type cuMemGetAddressRange_v2, %function
cuMemGetAddressRange_v2:
	adrp x16, cradio_libcuda_table+640
	ldr x16, [x16, #:lo12:cradio_libcuda_table+640]
	br x16
	.globl cuMemGetInfo_v2
	.type cuMemGetInfo_v2, %function
cuMemGetInfo_v2:
	adrp x16, cradio_libcuda_table+648
	ldr x16, [x16, #:lo12:cradio_libcuda_table+648]
	br x16
	.globl cuMemHostRegister_v2
	.type cuMemHostRegister_v2, %function
cuMemHostRegister_v2:
	adrp x16, cradio_libcuda_table+656
	ldr x16, [x16, #:lo12:cradio_libcuda_table+656]
	br x16
	.globl cuMemHostUnregister
	.type cuMemHostUnregister, %function
cuMemHostUnregister:
	adrp x16, cradio_libcuda_table+664
	ldr x16, [x16, #:lo12:cradio_libcuda_table+664]
	br x16
	.globl cuMemPrefetchAsync
	.type cuMemPrefetchAsync, %function
cuMemPrefetchAsync:
	adrp x16, cradio_libcuda_table+672
	ldr x16, [x16, #:lo12:cradio_libcuda_table+672]
	br x16
	.globl cuMemcpy
	.type cuMemcpy, %function
cuMemcpy:
	adrp x16, cradio_libcuda_table+680
	ldr x16, [x16, #:lo12:cradio_libcuda_table+680]
	br x16
	.globl cuMemcpy2DAsync_v2
	.type cuMemcpy2DAsync_v2, %function
cuMemcpy2DAsync_v2:
	adrp x16, cradio_libcuda_table+688
	ldr x16, [x16, #:lo12:cradio_libcuda_table+688]
	br x16
	.globl cuMemcpy2DUnaligned_v2
	.type cuMemcpy2DUnaligned_v2, %function
cuMemcpy2DUnaligned_v2:
	adrp x16, cradio_libcuda_table+696
	ldr x16, [x16, #:lo12:cradio_libcuda_table+696]
	br x16
	.globl cuMemcpy2D_v2
	.type cuMemcpy2D_v2, %function
cuMemcpy2D_v2:
	adrp x16, cradio_libcuda_table+704
	ldr x16, [x16, #:lo12:cradio_libcuda_table+704]
	br x16
	.globl cuMemcpy3DAsync_v2
	.type cuMemcpy3DAsync_v2, %function
cuMemcpy3DAsync_v2:
	adrp x16, cradio_libcuda_table+712
	ldr x16, [x16, #:lo12:cradio_libcuda_table+712]
	br x16
	.globl cuMemcpy3DPeer
	.type cuMemcpy3DPeer, %function
cuMemcpy3DPeer:
	adrp x16, cradio_libcuda_table+720
	ldr x16, [x16, #:lo12:cradio_libcuda_table+720]
	br x16
	.globl cuMemcpy3DPeerAsync
	.type cuMemcpy3DPeerAsync, %function
cuMemcpy3DPeerAsync:
	adrp x16, cradio_libcuda_table+728
	ldr x16, [x16, #:lo12:cradio_libcuda_table+728]
	br x16
	.globl cuMemcpy3D_v2
	.type cuMemcpy3D_v2, %function
cuMemcpy3D_v2:
	adrp x16, cradio_libcuda_table+736
	ldr x16, [x16, #:lo12:cradio_libcuda_table+736]
	br x16
	.globl cuMemcpyAsync
	.type cuMemcpyAsync, %function
cuMemcpyAsync:
	adrp x16, cradio_libcuda_table+744
	ldr x16, [x16, #:lo12:cradio_libcuda_table+744]
	br x16
	.globl cuMemcpyAtoA_v2
	.type cuMemcpyAtoA_v2, %function
cuMemcpyAtoA_v2:
	adrp x16, cradio_libcuda_table+752
	ldr x16, [x16, #:lo12:cradio_libcuda_table+752]
	br x16
	.globl cuMemcpyAtoD_v2
	.type cuMemcpyAtoD_v2, %function
cuMemcpyAtoD_v2:
	adrp x16, cradio_libcuda_table+760
	ldr x16, [x16, #:lo12:cradio_libcuda_table+760]
	br x16
	.globl cuMemcpyAtoHAsync_v2
	.type cuMemcpyAtoHAsync_v2, %function
cuMemcpyAtoHAsync_v2:
	adrp x16, cradio_libcuda_table+768
	ldr x16, [x16, #:lo12:cradio_libcuda_table+768]
	br x16
	.globl cuMemcpyAtoH_v2
	.type cuMemcpyAtoH_v2, %function
cuMemcpyAtoH_v2:
	adrp x16, cradio_libcuda_table+776
	ldr x16, [x16, #:lo12:cradio_libcuda_table+776]
	br x16
	.globl cuMemcpyDtoA_v2
	.type cuMemcpyDtoA_v2, %function
cuMemcpyDtoA_v2:
	adrp x16, cradio_libcuda_table+784
	ldr x16, [x16, #:lo12:cradio_libcuda_table+784]
	br x16
	.globl cuMemcpyDtoDAsync_v2
	.type cuMemcpyDtoDAsync_v2, %function
cuMemcpyDtoDAsync_v2:
	adrp x16, cradio_libcuda_table+792
	ldr x16, [x16, #:lo12:cradio_libcuda_table+792]
	br x16
	.globl cuMemcpyDtoD_v2
	.type cuMemcpyDtoD_v2, %function
cuMemcpyDtoD_v2:
	adrp x16, cradio_libcuda_table+800
	ldr x16, [x16, #:lo12:cradio_libcuda_table+800]
	br x16
	.globl cuMemcpyDtoHAsync_v2
	.type cuMemcpyDtoHAsync_v2, %function
cuMemcpyDtoHAsync_v2:
	adrp x16, cradio_libcuda_table+808
	ldr x16, [x16, #:lo12:cradio_libcuda_table+808]
	br x16
	.globl cuMemcpyDtoH_v2
	.type cuMemcpyDtoH_v2, %function
cuMemcpyDtoH_v2:
	adrp x16, cradio_libcuda_table+816
	ldr x16, [x16, #:lo12:cradio_libcuda_table+816]
	br x16
	.globl cuMemcpyHtoAAsync_v2
	.type cuMemcpyHtoAAsync_v2, %function
cuMemcpyHtoAAsync_v2:
	adrp x16, cradio_libcuda_table+824
	ldr x16, [x16, #:lo12:cradio_libcuda_table+824]
	br x16
	.globl cuMemcpyHtoA_v2
	.type cuMemcpyHtoA_v2, %function
cuMemcpyHtoA_v2:
	adrp x16, cradio_libcuda_table+832
	ldr x16, [x16, #:lo12:cradio_libcuda_table+832]
	br x16
	.globl cuMemcpyHtoDAsync_v2
	.type cuMemcpyHtoDAsync_v2, %function
cuMemcpyHtoDAsync_v2:
	adrp x16, cradio_libcuda_table+840
	ldr x16, [x16, #:lo12:cradio_libcuda_table+840]
	br x16
	.globl cuMemcpyHtoD_v2
	.type cuMemcpyHtoD_v2, %function
cuMemcpyHtoD_v2:
	adrp x16, cradio_libcuda_table+848
	ldr x16, [x16, #:lo12:cradio_libcuda_table+848]
	br x16
	.globl cuMemcpyPeer
	.type cuMemcpyPeer, %function
cuMemcpyPeer:
	adrp x16, cradio_libcuda_table+856
	ldr x16, [x16, #:lo12:cradio_libcuda_table+856]
	br x16
	.globl cuMemcpyPeerAsync
	.type cuMemcpyPeerAsync, %function
cuMemcpyPeerAsync:
	adrp x16, cradio_libcuda_table+864
	ldr x16, [x16, #:lo12:cradio_libcuda_table+864]
	br x16
	.globl cuMemsetD16Async
	.type cuMemsetD16Async, %function
cuMemsetD16Async:
	adrp x16, cradio_libcuda_table+872
	ldr x16, [x16, #:lo12:cradio_libcuda_table+872]
	br x16
	.globl cuMemsetD16_v2
	.type cuMemsetD16_v2, %function
cuMemsetD16_v2:
	adrp x16, cradio_libcuda_table+880
	ldr x16, [x16, #:lo12:cradio_libcuda_table+880]
	br x16
	.globl cuMemsetD2D16Async
	.type cuMemsetD2D16Async, %function
cuMemsetD2D16Async:
	adrp x16, cradio_libcuda_table+888
	ldr x16, [x16, #:lo12:cradio_libcuda_table+888]
	br x16
	.globl cuMemsetD2D16_v2
	.type cuMemsetD2D16_v2, %function
cuMemsetD2D16_v2:
	adrp x16, cradio_libcuda_table+896
	ldr x16, [x16, #:lo12:cradio_libcuda_table+896]
	br x16
	.globl cuMemsetD2D32Async
	.type cuMemsetD2D32Async, %function
cuMemsetD2D32Async:
	adrp x16, cradio_libcuda_table+904
	ldr x16, [x16, #:lo12:cradio_libcuda_table+904]
	br x16
	.globl cuMemsetD2D32_v2
	.type cuMemsetD2D32_v2, %function
cuMemsetD2D32_v2:
	adrp x16, cradio_libcuda_table+912
	ldr x16, [x16, #:lo12:cradio_libcuda_table+912]
	br x16
	.globl cuMemsetD2D8Async
	.type cuMemsetD2D8Async, %function
cuMemsetD2D8Async:
	adrp x16, cradio_libcuda_table+920
	ldr x16, [x16, #:lo12:cradio_libcuda_table+920]
	br x16
	.globl cuMemsetD2D8_v2
	.type cuMemsetD2D8_v2, %function
cuMemsetD2D8_v2:
	adrp x16, cradio_libcuda_table+928
	ldr x16, [x16, #:lo12:cradio_libcuda_table+928]
	br x16
	.globl cuMemsetD32Async
	.type cuMemsetD32Async, %function
cuMemsetD32Async:
	adrp x16, cradio_libcuda_table+936
	ldr x16, [x16, #:lo12:cradio_libcuda_table+936]
	br x16
	.globl cuMemsetD32_v2
	.type cuMemsetD32_v2, %function
cuMemsetD32_v2:
	adrp x16, cradio_libcuda_table+944
	ldr x16, [x16, #:lo12:cradio_libcuda_table+944]
	br x16
	.globl cuMemsetD8Async
	.type cuMemsetD8Async, %function
cuMemsetD8Async:
	adrp x16, cradio_libcuda_table+952
	ldr x16, [x16, #:lo12:cradio_libcuda_table+952]
	br x16
	.globl cuMemsetD8_v2
	.type cuMemsetD8_v2, %function
cuMemsetD8_v2:
	adrp x16, cradio_libcuda_table+960
	ldr x16, [x16, #:lo12:cradio_libcuda_table+960]
	br x16
	.globl cuModuleGetFunction
	.type cuModuleGetFunction, %function
cuModuleGetFunction:
	adrp x16, cradio_libcuda_table+968
	ldr x16, [x16, #:lo12:cradio_libcuda_table+968]
	br x16
	.globl cuModuleGetGlobal_v2
	.type cuModuleGetGlobal_v2, %function
cuModuleGetGlobal_v2:
	adrp x16, cradio_libcuda_table+976
	ldr x16, [x16, #:lo12:cradio_libcuda_table+976]
	br x16
	.globl cuModuleGetSurfRef
	.type cuModuleGetSurfRef, %function
cuModuleGetSurfRef:
	adrp x16, cradio_libcuda_table+984
	ldr x16, [x16, #:lo12:cradio_libcuda_table+984]
	br x16
	.globl cuModuleGetTexRef
	.type cuModuleGetTexRef, %function
cuModuleGetTexRef:
	adrp x16, cradio_libcuda_table+992
	ldr x16, [x16, #:lo12:cradio_libcuda_table+992]
	br x16
	.globl cuModuleLoad
	.type cuModuleLoad, %function
cuModuleLoad:
	adrp x16, cradio_libcuda_table+1000
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1000]
	br x16
	.globl cuModuleLoadData
	.type cuModuleLoadData, %function
cuModuleLoadData:
	adrp x16, cradio_libcuda_table+1008
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1008]
	br x16
	.globl cuModuleLoadDataEx
	.type cuModuleLoadDataEx, %function
cuModuleLoadDataEx:
	adrp x16, cradio_libcuda_table+1016
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1016]
	br x16
	.globl cuModuleLoadFatBinary
	.type cuModuleLoadFatBinary, %function
cuModuleLoadFatBinary:
	adrp x16, cradio_libcuda_table+1024
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1024]
	br x16
	.globl cuModuleUnload
	.type cuModuleUnload, %function
cuModuleUnload:
	adrp x16, cradio_libcuda_table+1032
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1032]
	br x16
	.globl cuOccupancyMaxActiveBlocksPerMultiprocessor
	.type cuOccupancyMaxActiveBlocksPerMultiprocessor, %function
cuOccupancyMaxActiveBlocksPerMultiprocessor:
	adrp x16, cradio_libcuda_table+1040
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1040]
	br x16
	.globl cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags
	.type cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, %function
cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags:
	adrp x16, cradio_libcuda_table+1048
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1048]
	br x16
	.globl cuPointerGetAttribute
	.type cuPointerGetAttribute, %function
cuPointerGetAttribute:
	adrp x16, cradio_libcuda_table+1056
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1056]
	br x16
	.globl cuPointerSetAttribute
	.type cuPointerSetAttribute, %function
cuPointerSetAttribute:
	adrp x16, cradio_libcuda_table+1064
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1064]
	br x16
	.globl cuStreamAttachMemAsync
	.type cuStreamAttachMemAsync, %function
cuStreamAttachMemAsync:
	adrp x16, cradio_libcuda_table+1072
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1072]
	br x16
	.globl cuStreamBeginCapture_v2
	.type cuStreamBeginCapture_v2, %function
cuStreamBeginCapture_v2:
	adrp x16, cradio_libcuda_table+1080
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1080]
	br x16
	.globl cuStreamCreate
	.type cuStreamCreate, %function
cuStreamCreate:
	adrp x16, cradio_libcuda_table+1088
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1088]
	br x16
	.globl cuStreamCreateWithPriority
	.type cuStreamCreateWithPriority, %function
cuStreamCreateWithPriority:
	adrp x16, cradio_libcuda_table+1096
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1096]
	br x16
	.globl cuStreamDestroy_v2
	.type cuStreamDestroy_v2, %function
cuStreamDestroy_v2:
	adrp x16, cradio_libcuda_table+1104
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1104]
	br x16
	.globl cuStreamEndCapture
	.type cuStreamEndCapture, %function
cuStreamEndCapture:
	adrp x16, cradio_libcuda_table+1112
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1112]
	br x16
	.globl cuStreamGetFlags
	.type cuStreamGetFlags, %function
cuStreamGetFlags:
	adrp x16, cradio_libcuda_table+1120
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1120]
	br x16
	.globl cuStreamGetPriority
	.type cuStreamGetPriority, %function
cuStreamGetPriority:
	adrp x16, cradio_libcuda_table+1128
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1128]
	br x16
	.globl cuStreamQuery
	.type cuStreamQuery, %function
cuStreamQuery:
	adrp x16, cradio_libcuda_table+1136
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1136]
	br x16
	.globl cuStreamSynchronize
	.type cuStreamSynchronize, %function
cuStreamSynchronize:
	adrp x16, cradio_libcuda_table+1144
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1144]
	br x16
	.globl cuStreamWaitEvent
	.type cuStreamWaitEvent, %function
cuStreamWaitEvent:
	adrp x16, cradio_libcuda_table+1152
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1152]
	br x16
	.globl cuStreamWaitValue32_v2
	.type cuStreamWaitValue32_v2, %function
cuStreamWaitValue32_v2:
	adrp x16, cradio_libcuda_table+1160
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1160]
	br x16
	.globl cuStreamWriteValue32_v2
	.type cuStreamWriteValue32_v2, %function
cuStreamWriteValue32_v2:
	adrp x16, cradio_libcuda_table+1168
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1168]
	br x16
	.globl cuSurfRefGetArray
	.type cuSurfRefGetArray, %function
cuSurfRefGetArray:
	adrp x16, cradio_libcuda_table+1176
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1176]
	br x16
	.globl cuSurfRefSetArray
	.type cuSurfRefSetArray, %function
cuSurfRefSetArray:
	adrp x16, cradio_libcuda_table+1184
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1184]
	br x16
	.globl cuTensorMapEncodeTiled
	.type cuTensorMapEncodeTiled, %function
cuTensorMapEncodeTiled:
	adrp x16, cradio_libcuda_table+1192
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1192]
	br x16
	.globl cuTexRefGetAddressMode
	.type cuTexRefGetAddressMode, %function
cuTexRefGetAddressMode:
	adrp x16, cradio_libcuda_table+1200
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1200]
	br x16
	.globl cuTexRefGetAddress_v2
	.type cuTexRefGetAddress_v2, %function
cuTexRefGetAddress_v2:
	adrp x16, cradio_libcuda_table+1208
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1208]
	br x16
	.globl cuTexRefGetArray
	.type cuTexRefGetArray, %function
cuTexRefGetArray:
	adrp x16, cradio_libcuda_table+1216
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1216]
	br x16
	.globl cuTexRefGetBorderColor
	.type cuTexRefGetBorderColor, %function
cuTexRefGetBorderColor:
	adrp x16, cradio_libcuda_table+1224
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1224]
	br x16
	.globl cuTexRefGetFilterMode
	.type cuTexRefGetFilterMode, %function
cuTexRefGetFilterMode:
	adrp x16, cradio_libcuda_table+1232
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1232]
	br x16
	.globl cuTexRefGetFlags
	.type cuTexRefGetFlags, %function
cuTexRefGetFlags:
	adrp x16, cradio_libcuda_table+1240
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1240]
	br x16
	.globl cuTexRefGetFormat
	.type cuTexRefGetFormat, %function
cuTexRefGetFormat:
	adrp x16, cradio_libcuda_table+1248
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1248]
	br x16
	.globl cuTexRefGetMaxAnisotropy
	.type cuTexRefGetMaxAnisotropy, %function
cuTexRefGetMaxAnisotropy:
	adrp x16, cradio_libcuda_table+1256
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1256]
	br x16
	.globl cuTexRefSetAddress2D_v3
	.type cuTexRefSetAddress2D_v3, %function
cuTexRefSetAddress2D_v3:
	adrp x16, cradio_libcuda_table+1264
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1264]
	br x16
	.globl cuTexRefSetAddressMode
	.type cuTexRefSetAddressMode, %function
cuTexRefSetAddressMode:
	adrp x16, cradio_libcuda_table+1272
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1272]
	br x16
	.globl cuTexRefSetAddress_v2
	.type cuTexRefSetAddress_v2, %function
cuTexRefSetAddress_v2:
	adrp x16, cradio_libcuda_table+1280
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1280]
	br x16
	.globl cuTexRefSetArray
	.type cuTexRefSetArray, %function
cuTexRefSetArray:
	adrp x16, cradio_libcuda_table+1288
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1288]
	br x16
	.globl cuTexRefSetBorderColor
	.type cuTexRefSetBorderColor, %function
cuTexRefSetBorderColor:
	adrp x16, cradio_libcuda_table+1296
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1296]
	br x16
	.globl cuTexRefSetFilterMode
	.type cuTexRefSetFilterMode, %function
cuTexRefSetFilterMode:
	adrp x16, cradio_libcuda_table+1304
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1304]
	br x16
	.globl cuTexRefSetFlags
	.type cuTexRefSetFlags, %function
cuTexRefSetFlags:
	adrp x16, cradio_libcuda_table+1312
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1312]
	br x16
	.globl cuTexRefSetFormat
	.type cuTexRefSetFormat, %function
cuTexRefSetFormat:
	adrp x16, cradio_libcuda_table+1320
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1320]
	br x16
	.globl cuTexRefSetMaxAnisotropy
	.type cuTexRefSetMaxAnisotropy, %function
cuTexRefSetMaxAnisotropy:
	adrp x16, cradio_libcuda_table+1328
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1328]
	br x16
	.globl cuTexRefSetMipmapFilterMode
	.type cuTexRefSetMipmapFilterMode, %function
cuTexRefSetMipmapFilterMode:
	adrp x16, cradio_libcuda_table+1336
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1336]
	br x16
	.globl cuTexRefSetMipmapLevelBias
	.type cuTexRefSetMipmapLevelBias, %function
cuTexRefSetMipmapLevelBias:
	adrp x16, cradio_libcuda_table+1344
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1344]
	br x16
	.globl cuTexRefSetMipmapLevelClamp
	.type cuTexRefSetMipmapLevelClamp, %function
cuTexRefSetMipmapLevelClamp:
	adrp x16, cradio_libcuda_table+1352
	ldr x16, [x16, #:lo12:cradio_libcuda_table+1352]
	br x16
	.section .note.GNU-stack,"",%progbits
