/*
 * A substitute for Xen's libraries, preloaded into Debian's xl, so that xl reads configurations (xl create -n) on a
 * machine without Xen.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <xenctrl.h>
#include <xenstore.h>

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild_logger, unsigned flags)
{
	static char handle[4096];

	(void)logger, (void)dombuild_logger, (void)flags;
	return (xc_interface *)handle;
}

int xc_interface_close(xc_interface *xch)
{
	(void)xch;
	return 0;
}

int xc_physinfo(xc_interface *xch, xc_physinfo_t *info)
{
	(void)xch;
	memset(info, 0, sizeof(*info));
	info->threads_per_core = info->cores_per_socket = 1;
	info->nr_cpus = info->max_cpu_id = 63;
	info->nr_nodes = 4;
	info->capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_hap;
	return 0;
}

long xc_sharing_freed_pages(xc_interface *xch)
{
	(void)xch;
	return 0;
}

long xc_sharing_used_frames(xc_interface *xch)
{
	(void)xch;
	return 0;
}

int xc_version(xc_interface *xch, int command, void *argument)
{
	(void)xch;
	switch (command) {
	case XENVER_version:
		return 4 << 16 | 17;
	case XENVER_pagesize:
		return 4096;
	case XENVER_extraversion:
		memset(argument, 0, sizeof(xen_extraversion_t));
		return 0;
	case XENVER_compile_info:
		memset(argument, 0, sizeof(xen_compile_info_t));
		return 0;
	case XENVER_capabilities:
		memset(argument, 0, sizeof(xen_capabilities_info_t));
		return 0;
	case XENVER_changeset:
		memset(argument, 0, sizeof(xen_changeset_info_t));
		return 0;
	case XENVER_platform_parameters:
		memset(argument, 0, sizeof(xen_platform_parameters_t));
		return 0;
	case XENVER_commandline:
		memset(argument, 0, sizeof(xen_commandline_t));
		return 0;
	default:
		errno = ENOSYS;
		return -1;
	}
}

int xc_get_max_cpus(xc_interface *xch)
{
	(void)xch;
	return 64;
}

int xc_get_online_cpus(xc_interface *xch)
{
	(void)xch;
	return 64;
}

int xc_get_max_nodes(xc_interface *xch)
{
	(void)xch;
	return 4;
}

struct xs_handle *xs_open(unsigned long flags)
{
	static char handle[4096];

	(void)flags;
	return (struct xs_handle *)handle;
}

void xs_close(struct xs_handle *h)
{
	(void)h;
}

/* libxl reads only the name of the first CPU pool. */
void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *length)
{
	(void)h, (void)t;
	if (strcmp(path, "/local/pool/0/name")) {
		errno = ENOENT;
		return NULL;
	}
	*length = strlen("Pool-0");
	return strdup("Pool-0");
}
