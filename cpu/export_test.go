package cpu

// PoolOf lets tests run operations with kernels of their own.
var PoolOf = poolOf
