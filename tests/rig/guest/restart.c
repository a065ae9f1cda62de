/*
 * Restarts the guest. The kernel of an HVM guest resets the emulated machine, and at a reset the rig's QEMU writes the
 * kernel and the initramfs into the guest's memory again (../dom0/hvm-boot.S). If the balloon has given some of those
 * pages away, QEMU dies of it, and the domain hangs. So an HVM guest tells Xen itself, as kernels of PV guests do.
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "guest.h"

/* From Xen's and Linux's public interfaces. */
#define HYPERVISOR_SCHED_OP 29
#define SCHEDOP_SHUTDOWN 2
#define SHUTDOWN_REBOOT 1

struct privcmd_hypercall {
	uint64_t op, arg[5];
};

#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

static void tell_xen(void)
{
	uint32_t reason = SHUTDOWN_REBOOT;
	struct privcmd_hypercall call = { HYPERVISOR_SCHED_OP, { SCHEDOP_SHUTDOWN, (uintptr_t)&reason } };
	int fd;

	load_module("xen-privcmd", "");
	fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &call) < 0)
		complain("/dev/xen/privcmd");
}

void restart(void)
{
	if (strncmp(read_file("/sys/hypervisor/guest_type"), "HVM", 3) == 0)
		tell_xen();
	reboot(RB_AUTOBOOT);
	complain("reboot");
}
