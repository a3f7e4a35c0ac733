package flinklocal

import "syscall"

// ownGroup puts a process in a group of its own and lets the kernel end it when this process dies in whatever way.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
