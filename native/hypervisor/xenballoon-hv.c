#include "xenballoon-hv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xencall.h>
#include <xentoollog.h>

#include "xen-interface.h"

/* Pages are of 4 KiB in all interfaces of Xen, on arm64 too. */
#define PAGE_KIB_SHIFT 2

/* More than Xen has ever had: interface versions count up by one. */
#define LAST_VERSION_PROBED 0xff

/* What a request to Xen consists of, and its reply. */
union request {
	struct sysctl sysctl;
	struct domctl domctl;
	struct pod_target pod;
	char command_line[COMMAND_LINE_SIZE + 1];
};

struct xb_hv {
	xencall_handle *xen;
	xentoollog_logger silent;
	uint32_t sysctl_version, memory_offset;
	uint32_t domctl_version, domain_info_size;
	/* Memory that Xen can access. The list grows as needed. */
	union request *request;
	uint8_t *list;
	uint32_t list_max;
};

/* A version of an interface, and what it decides. */
struct known {
	uint32_t version;
	uint32_t value;
};

#define KNOWN(version, value) { version, value },
static const struct known sysctls[] = { SYSCTL_VERSIONS(KNOWN) };
static const struct known domctls[] = { DOMCTL_VERSIONS(KNOWN) };

/* By default libxencall prints errors on standard error. The caller gets them as results instead. */
static void discard(xentoollog_logger *logger, xentoollog_level level, int errnoval, const char *context,
                    const char *format, va_list arguments)
{
	(void)logger;
	(void)level;
	(void)errnoval;
	(void)context;
	(void)format;
	(void)arguments;
}

static int32_t failure(void)
{
	return errno > 0 ? -errno : -EIO;
}

/* No machine's memory overflows this, but "no limit" (all bits set) does. */
static uint64_t kib(uint64_t pages)
{
	return pages > (UINT64_MAX >> 1) >> PAGE_KIB_SHIFT ? UINT64_MAX >> 1 : pages << PAGE_KIB_SHIFT;
}

/* An empty request, for the calls below. */
static union request *start(struct xb_hv *hv)
{
	memset(hv->request, 0, sizeof(*hv->request));
	return hv->request;
}

static int32_t call_sysctl(struct xb_hv *hv, uint32_t command)
{
	hv->request->sysctl.command = command;
	hv->request->sysctl.interface_version = hv->sysctl_version;
	errno = 0;
	return xencall1(hv->xen, HYPERCALL_SYSCTL, (uintptr_t)hv->request) < 0 ? failure() : 0;
}

static int32_t call_domctl(struct xb_hv *hv, uint32_t command, uint32_t domid)
{
	hv->request->domctl.command = command;
	hv->request->domctl.interface_version = hv->domctl_version;
	hv->request->domctl.domid = domid;
	errno = 0;
	return xencall1(hv->xen, HYPERCALL_DOMCTL, (uintptr_t)hv->request) < 0 ? failure() : 0;
}

/* Commands with an argument in the request: of memory_op and xen_version, which are stable. */
static int32_t call(struct xb_hv *hv, enum hypercall hypercall, uint32_t command)
{
	errno = 0;
	return xencall2(hv->xen, hypercall, command, (uintptr_t)hv->request) < 0 ? failure() : 0;
}

static int32_t try_sysctl(struct xb_hv *hv, uint32_t version)
{
	start(hv);
	hv->sysctl_version = version;
	return call_sysctl(hv, SYSCTL_PHYSINFO);
}

static int32_t try_domctl(struct xb_hv *hv, uint32_t version)
{
	start(hv);
	hv->domctl_version = version;
	return call_domctl(hv, DOMCTL_DOMAIN_INFO, 0);
}

/*
 * Finds out which version of an interface Xen has, with a command that only reads. Xen refuses all other versions with
 * EACCES before it looks at the rest. XSM refuses with EACCES too, which looks as if no version fits.
 */
static int32_t negotiate(struct xb_hv *hv, int32_t (*try)(struct xb_hv *hv, uint32_t version),
                         const struct known *known, size_t count, uint32_t *version, uint32_t *value)
{
	for (size_t i = 0; i < count; i++) {
		int32_t result = try(hv, known[i].version);

		if (result == -EACCES)
			continue;
		*version = known[i].version;
		*value = known[i].value;
		return result;
	}
	/* To name it in the error. */
	for (uint32_t unknown = 1; unknown <= LAST_VERSION_PROBED; unknown++) {
		if (try(hv, unknown) == -EACCES)
			continue;
		*version = unknown;
		return -EPROTONOSUPPORT;
	}
	return -EACCES;
}

static int32_t negotiate_all(struct xb_hv *hv, struct xb_hv_interface *interface)
{
	int32_t sysctl = negotiate(hv, try_sysctl, sysctls, sizeof(sysctls) / sizeof(*sysctls), &interface->sysctl,
	                           &hv->memory_offset);
	int32_t domctl = negotiate(hv, try_domctl, domctls, sizeof(domctls) / sizeof(*domctls), &interface->domctl,
	                           &hv->domain_info_size);

	return sysctl < 0 ? sysctl : domctl;
}

static void describe(struct xb_hv_domain *out, const struct domain_info *in)
{
	memset(out, 0, sizeof(*out));
	out->size = sizeof(*out);
	out->domid = in->domid;
	out->flags = (in->flags & DOMAIN_INFO_DYING ? XB_HV_DOMAIN_DYING : 0) |
		(in->flags & DOMAIN_INFO_HVM ? XB_HV_DOMAIN_HVM : 0) |
		(in->flags & DOMAIN_INFO_SHUTDOWN ? XB_HV_DOMAIN_SHUTDOWN : 0) |
		(in->flags & DOMAIN_INFO_PAUSED ? XB_HV_DOMAIN_PAUSED : 0) |
		(in->flags & DOMAIN_INFO_BLOCKED ? XB_HV_DOMAIN_BLOCKED : 0) |
		(in->flags & DOMAIN_INFO_RUNNING ? XB_HV_DOMAIN_RUNNING : 0);
	out->shutdown_reason = (in->flags >> DOMAIN_INFO_REASON_SHIFT) & DOMAIN_INFO_REASON_MASK;
	out->tot_kib = kib(in->total);
	out->max_kib = kib(in->max);
	out->outstanding_kib = kib(in->outstanding);
	out->shared_kib = kib(in->shared);
	out->paged_kib = kib(in->paged);
	out->cpu_ns = in->cpu_ns;
	memcpy(out->uuid, in->uuid, sizeof(out->uuid));
}

/* Makes room for max entries of the list. */
static int32_t reserve(struct xb_hv *hv, uint32_t max)
{
	uint8_t *list;

	if (max <= hv->list_max)
		return 0;
	list = xencall_alloc_buffer(hv->xen, (size_t)max * hv->domain_info_size);
	if (!list)
		return -ENOMEM;
	xencall_free_buffer(hv->xen, hv->list);
	hv->list = list;
	hv->list_max = max;
	return 0;
}

int32_t xb_hv_abi(struct xb_hv_abi *abi)
{
	const struct xb_hv_abi ours = {
		.size = sizeof(ours),
		.abi = XB_HV_ABI,
		.interface_size = sizeof(struct xb_hv_interface),
		.host_size = sizeof(struct xb_hv_host),
		.domain_size = sizeof(struct xb_hv_domain),
		.pod_size = sizeof(struct xb_hv_pod),
	};

	if (abi)
		memcpy(abi, &ours, abi->size < sizeof(ours) ? abi->size : sizeof(ours));
	return XB_HV_ABI;
}

int32_t xb_hv_open(struct xb_hv **hv, struct xb_hv_interface *interface)
{
	struct xb_hv *opened;
	int32_t result;

	*hv = NULL;
	if (interface->size != sizeof(*interface))
		return -EINVAL;
	*interface = (struct xb_hv_interface){ .size = sizeof(*interface) };
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return -ENOMEM;
	opened->silent.vmessage = discard;
	errno = 0;
	opened->xen = xencall_open(&opened->silent, 0);
	if (!opened->xen) {
		result = failure();
		free(opened);
		return result;
	}
	opened->request = xencall_alloc_buffer(opened->xen, sizeof(*opened->request));
	result = opened->request ? negotiate_all(opened, interface) : -ENOMEM;
	if (result < 0) {
		xb_hv_close(opened);
		return result;
	}
	*hv = opened;
	return 0;
}

int32_t xb_hv_close(struct xb_hv *hv)
{
	int32_t result;

	if (!hv)
		return 0;
	xencall_free_buffer(hv->xen, hv->list);
	xencall_free_buffer(hv->xen, hv->request);
	errno = 0;
	result = xencall_close(hv->xen) ? failure() : 0;
	free(hv);
	return result;
}

int32_t xb_hv_host(struct xb_hv *hv, struct xb_hv_host *host)
{
	struct physinfo_memory memory;
	int32_t result;

	if (host->size != sizeof(*host))
		return -EINVAL;
	start(hv);
	result = call_sysctl(hv, SYSCTL_PHYSINFO);
	if (result < 0)
		return result;
	memcpy(&memory, hv->request->sysctl.physinfo + hv->memory_offset, sizeof(memory));
	memset(host, 0, sizeof(*host));
	host->size = sizeof(*host);
	host->total_kib = kib(memory.total);
	host->free_kib = kib(memory.free);
	host->scrub_kib = kib(memory.scrub);
	host->outstanding_kib = kib(memory.outstanding);
	return 0;
}

int32_t xb_hv_list(struct xb_hv *hv, uint32_t first, uint32_t max, struct xb_hv_domain *domains)
{
	struct sysctl *request = &start(hv)->sysctl;
	int32_t result = reserve(hv, max);

	if (result < 0)
		return result;
	request->list.first = first;
	request->list.max = max;
	request->list.buffer = (uintptr_t)hv->list;
	result = call_sysctl(hv, SYSCTL_DOMAIN_LIST);
	if (result < 0)
		return result;
	if (request->list.count > max)
		return -EIO;
	for (uint32_t i = 0; i < request->list.count; i++)
		describe(&domains[i], (const struct domain_info *)(hv->list + (size_t)i * hv->domain_info_size));
	return request->list.count;
}

int32_t xb_hv_get(struct xb_hv *hv, uint32_t domid, struct xb_hv_domain *domain)
{
	/* The list starts at the first existing domain, so a missing one shows as a different domid. */
	int32_t count = xb_hv_list(hv, domid, 1, domain);

	if (count < 0)
		return count;
	return count == 1 && domain->domid == domid ? 0 : -ESRCH;
}

int32_t xb_hv_set_maxmem(struct xb_hv *hv, uint32_t domid, uint64_t kib)
{
	start(hv)->domctl.max_mem_kib = kib;
	return call_domctl(hv, DOMCTL_MAX_MEM, domid);
}

int32_t xb_hv_set_pod_target(struct xb_hv *hv, uint32_t domid, uint64_t kib)
{
	struct xb_hv_domain domain;
	struct pod_target *request;
	int32_t result = xb_hv_get(hv, domid, &domain);

	if (result < 0)
		return result;
	if (domid == 0 || !(domain.flags & XB_HV_DOMAIN_HVM))
		return 0;
	request = &start(hv)->pod;
	request->domid = domid;
	request->target = kib >> PAGE_KIB_SHIFT;
	result = call(hv, HYPERCALL_MEMORY_OP, MEMORY_SET_POD_TARGET);
	/* Xen on Arm has no populate-on-demand. */
	return result == -ENOSYS ? 0 : result;
}

int32_t xb_hv_get_pod(struct xb_hv *hv, uint32_t domid, struct xb_hv_pod *pod)
{
	struct pod_target *request = &start(hv)->pod;
	int32_t result;

	if (pod->size != sizeof(*pod))
		return -EINVAL;
	request->domid = domid;
	result = call(hv, HYPERCALL_MEMORY_OP, MEMORY_GET_POD_TARGET);
	if (result < 0)
		return result;
	memset(pod, 0, sizeof(*pod));
	pod->size = sizeof(*pod);
	pod->cache_kib = kib(request->cache);
	pod->entries_kib = kib(request->entries);
	return 0;
}

int32_t xb_hv_command_line(struct xb_hv *hv, char *text, uint32_t size)
{
	const char *line = start(hv)->command_line;
	int32_t result = call(hv, HYPERCALL_XEN_VERSION, VERSION_COMMAND_LINE);
	size_t length;

	if (result < 0)
		return result;
	/* What Xen answers where XSM forbids the question. */
	if (!strcmp(line, "<denied>"))
		return -EPERM;
	length = strlen(line);
	if (length >= size)
		return -ENOSPC;
	memcpy(text, line, length + 1);
	return length;
}
