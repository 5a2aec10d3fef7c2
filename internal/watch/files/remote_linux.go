package files

import (
	"slices"

	"golang.org/x/sys/unix"
)

// remoteTypes are the file systems whose changes by other machines, or by the host of a
// virtual machine, lead to no events. They are written as in statfs(2).
var remoteTypes = []int64{
	unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.V9FS_MAGIC, unix.FUSE_SUPER_MAGIC,
	unix.AFS_FS_MAGIC, unix.AFS_SUPER_MAGIC, unix.CEPH_SUPER_MAGIC, unix.CODA_SUPER_MAGIC, unix.NCP_SUPER_MAGIC,
	0x0BD00BD0, // Lustre
	0x786F4256, // shared folders of VirtualBox
	0xBACBACBC, // shared folders of VMware
}

// isRemote reports whether a directory is on a network file system.
func isRemote(dir string) bool {
	var s unix.Statfs_t
	return unix.Statfs(dir, &s) == nil && slices.Contains(remoteTypes, int64(s.Type)) //nolint:unconvert // it has other types on other architectures
}
