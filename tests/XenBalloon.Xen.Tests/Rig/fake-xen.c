/*
 * libxencall with a made-up hypervisor behind it, compiled with the headers of the Xen that it plays. It has 600
 * domains whose numbers follow from the domid. These may be defined:
 *   FAKE_SYSCTL, FAKE_DOMCTL    other interface versions than those of the headers
 *   FAKE_PHYSINFO_4_16          physinfo as before Xen 4.17, with the headers of 4.17
 *   FAKE_ERROR_IN, FAKE_ERROR   the call (OPEN, SYSCTL, DOMCTL, LIST, COMMAND_LINE) that fails, and its errno
 *   FAKE_COMMAND_LINE           another command line
 */
#define __XEN_TOOLS__ 1
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/version.h>
#include <xencall.h>

#ifndef FAKE_SYSCTL
#define FAKE_SYSCTL XEN_SYSCTL_INTERFACE_VERSION
#endif
#ifndef FAKE_DOMCTL
#define FAKE_DOMCTL XEN_DOMCTL_INTERFACE_VERSION
#endif
#ifndef FAKE_ERROR_IN
#define FAKE_ERROR_IN NOTHING
#define FAKE_ERROR 0
#endif
#ifndef FAKE_COMMAND_LINE
#define FAKE_COMMAND_LINE "placeholder dom0_mem=1024M,max:1024M loglvl=all"
#endif

#define DOMAINS 600
#define PAGES(kib) ((kib) / 4)

enum call { NOTHING, OPEN, SYSCTL, DOMCTL, LIST, COMMAND_LINE };

static char hypervisor;

/* As libxencall: returns -1 with errno. */
static int answer(int error)
{
	errno = error;
	return error ? -1 : 0;
}

static bool fails(enum call call)
{
	return call == FAKE_ERROR_IN;
}

static void describe(xen_domctl_getdomaininfo_t *info, unsigned int domid)
{
	memset(info, 0xff, sizeof(*info));
	info->domain = domid;
	info->flags = domid % 64 | (domid % 5) << XEN_DOMINF_shutdownshift | XEN_DOMINF_debugged;
	info->tot_pages = PAGES(domid * 1000);
	info->max_pages = domid ? PAGES(domid * 2000) : UINT64_MAX;
	info->outstanding_pages = PAGES(domid * 4);
	info->cpu_time = domid % 2;
	for (unsigned int i = 0; i < sizeof(info->handle); i++)
		info->handle[i] = i;
	info->handle[14] = domid >> 8;
	info->handle[15] = domid;
}

static void describe_machine(struct xen_sysctl_physinfo *info)
{
	memset(info, 0xff, sizeof(*info));
	info->total_pages = PAGES(4000000);
	info->free_pages = PAGES(3000000);
	info->scrub_pages = PAGES(500000);
	info->outstanding_pages = PAGES(200000);
#ifdef FAKE_PHYSINFO_4_16
	memmove(&info->arch_capabilities, &info->total_pages, 4 * sizeof(info->total_pages));
#endif
}

static int list(struct xen_sysctl_getdomaininfolist *request)
{
	xen_domctl_getdomaininfo_t *found = request->buffer.p;

	request->num_domains = 0;
	for (unsigned int id = request->first_domain; id < DOMAINS && request->num_domains < request->max_domains; id++)
		describe(&found[request->num_domains++], id);
	return fails(LIST) ? FAKE_ERROR : 0;
}

static int do_sysctl(struct xen_sysctl *request)
{
	if (request->interface_version != FAKE_SYSCTL)
		return EACCES;
	if (fails(SYSCTL))
		return FAKE_ERROR;
	switch (request->cmd) {
	case XEN_SYSCTL_physinfo:
		describe_machine(&request->u.physinfo);
		return 0;
	case XEN_SYSCTL_getdomaininfolist:
		return list(&request->u.getdomaininfolist);
	}
	return ENOSYS;
}

static int do_domctl(struct xen_domctl *request)
{
	if (request->interface_version != FAKE_DOMCTL)
		return EACCES;
	if (request->domain >= DOMAINS)
		return ESRCH;
	if (fails(DOMCTL))
		return FAKE_ERROR;
	switch (request->cmd) {
	case XEN_DOMCTL_getdomaininfo:
		describe(&request->u.getdomaininfo, request->domain);
		return 0;
	case XEN_DOMCTL_max_mem:
		return request->domain == 5 && request->u.max_mem.max_memkb == 12345678 ? 0 : EPERM;
	}
	return ENOSYS;
}

static int do_memory_op(unsigned int command, xen_pod_target_t *request)
{
	if (request->domid >= DOMAINS)
		return ESRCH;
	if (request->domid != 6 && request->domid != 7)
		return ENOSYS;
	switch (command) {
	case XENMEM_set_pod_target:
		return request->target_pages == PAGES(87654320) ? 0 : EINVAL;
	case XENMEM_get_pod_target:
		request->pod_cache_pages = PAGES(198656);
		request->pod_entries = PAGES(591872);
		return 0;
	}
	return ENOSYS;
}

static int do_xen_version(unsigned int command, char *text)
{
	if (command != XENVER_commandline)
		return ENOSYS;
	if (fails(COMMAND_LINE))
		return FAKE_ERROR;
	strcpy(text, FAKE_COMMAND_LINE);
	return 0;
}

xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return answer(fails(OPEN) ? FAKE_ERROR : 0) ? NULL : (xencall_handle *)&hypervisor;
}

int xencall_close(xencall_handle *handle)
{
	return answer(handle == (xencall_handle *)&hypervisor ? 0 : EINVAL);
}

void *xencall_alloc_buffer(xencall_handle *handle, size_t size)
{
	(void)handle;
	return malloc(size);
}

void xencall_free_buffer(xencall_handle *handle, void *buffer)
{
	(void)handle;
	free(buffer);
}

int xencall1(xencall_handle *handle, unsigned int hypercall, uint64_t argument)
{
	(void)handle;
	switch (hypercall) {
	case __HYPERVISOR_sysctl:
		return answer(do_sysctl((struct xen_sysctl *)argument));
	case __HYPERVISOR_domctl:
		return answer(do_domctl((struct xen_domctl *)argument));
	}
	return answer(ENOSYS);
}

int xencall2(xencall_handle *handle, unsigned int hypercall, uint64_t command, uint64_t argument)
{
	(void)handle;
	switch (hypercall) {
	case __HYPERVISOR_memory_op:
		return answer(do_memory_op(command, (xen_pod_target_t *)argument));
	case __HYPERVISOR_xen_version:
		return answer(do_xen_version(command, (char *)argument));
	}
	return answer(ENOSYS);
}
