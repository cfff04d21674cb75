package kernel

import "golang.org/x/sys/unix"

// system asks macOS by the names of Arm's manual. A name that an old system does not know
// is a feature that its machines lack.
func system() features { return fromSysctl(unix.SysctlUint32) }
