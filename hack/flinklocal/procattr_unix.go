//go:build unix && !linux

package flinklocal

import "syscall"

// ownGroup puts a process in a group of its own. Only Linux can also tie its life to ours.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
