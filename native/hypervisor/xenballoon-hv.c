#include "xenballoon-hv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>

struct xb_hv {
	xc_interface *xc;
	xentoollog_logger silent;
};

/* By default libxenctrl prints errors on standard error. The caller gets them as results instead. */
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
	const unsigned int shift = XC_PAGE_SHIFT - 10;

	return pages > (UINT64_MAX >> 1) >> shift ? UINT64_MAX >> 1 : pages << shift;
}

static void describe(struct xb_hv_domain *out, const xc_domaininfo_t *in)
{
	memset(out, 0, sizeof(*out));
	out->size = sizeof(*out);
	out->domid = in->domain;
	out->flags = (in->flags & XEN_DOMINF_dying ? XB_HV_DOMAIN_DYING : 0) |
		(in->flags & XEN_DOMINF_hvm_guest ? XB_HV_DOMAIN_HVM : 0) |
		(in->flags & XEN_DOMINF_shutdown ? XB_HV_DOMAIN_SHUTDOWN : 0) |
		(in->flags & XEN_DOMINF_paused ? XB_HV_DOMAIN_PAUSED : 0) |
		(in->flags & XEN_DOMINF_blocked ? XB_HV_DOMAIN_BLOCKED : 0) |
		(in->flags & XEN_DOMINF_running ? XB_HV_DOMAIN_RUNNING : 0);
	out->shutdown_reason = (in->flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
	out->tot_kib = kib(in->tot_pages);
	out->max_kib = kib(in->max_pages);
	out->outstanding_kib = kib(in->outstanding_pages);
	out->shared_kib = kib(in->shr_pages);
	out->paged_kib = kib(in->paged_pages);
	out->cpu_ns = in->cpu_time;
	memcpy(out->uuid, in->handle, sizeof(out->uuid));
}

int32_t xb_hv_abi(struct xb_hv_abi *abi)
{
	const struct xb_hv_abi ours = {
		.size = sizeof(ours),
		.abi = XB_HV_ABI,
		.xen_major = XB_HV_XEN_MAJOR,
		.xen_minor = XB_HV_XEN_MINOR,
		.host_size = sizeof(struct xb_hv_host),
		.domain_size = sizeof(struct xb_hv_domain),
		.pod_size = sizeof(struct xb_hv_pod),
	};

	if (abi)
		memcpy(abi, &ours, abi->size < sizeof(ours) ? abi->size : sizeof(ours));
	return XB_HV_ABI;
}

int32_t xb_hv_open(struct xb_hv **hv)
{
	struct xb_hv *opened = calloc(1, sizeof(*opened));

	*hv = NULL;
	if (!opened)
		return -ENOMEM;
	opened->silent.vmessage = discard;
	errno = 0;
	opened->xc = xc_interface_open(&opened->silent, &opened->silent, 0);
	if (!opened->xc) {
		int32_t result = failure();

		free(opened);
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
	errno = 0;
	result = xc_interface_close(hv->xc) ? failure() : 0;
	free(hv);
	return result;
}

int32_t xb_hv_host(struct xb_hv *hv, struct xb_hv_host *host)
{
	xc_physinfo_t physical = { 0 };

	if (host->size != sizeof(*host))
		return -EINVAL;
	errno = 0;
	if (xc_physinfo(hv->xc, &physical))
		return failure();
	memset(host, 0, sizeof(*host));
	host->size = sizeof(*host);
	host->total_kib = kib(physical.total_pages);
	host->free_kib = kib(physical.free_pages);
	host->scrub_kib = kib(physical.scrub_pages);
	host->outstanding_kib = kib(physical.outstanding_pages);
	return 0;
}

int32_t xb_hv_list(struct xb_hv *hv, uint32_t first, uint32_t max, struct xb_hv_domain *domains)
{
	xc_domaininfo_t *found;
	int32_t count;

	if (max == 0)
		return 0;
	found = calloc(max, sizeof(*found));
	if (!found)
		return -ENOMEM;
	errno = 0;
	count = xc_domain_getinfolist(hv->xc, first, max, found);
	if (count < 0)
		count = failure();
	for (int32_t i = 0; i < count; i++)
		describe(&domains[i], &found[i]);
	free(found);
	return count;
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
	errno = 0;
	return xc_domain_setmaxmem(hv->xc, domid, kib) ? failure() : 0;
}

int32_t xb_hv_set_pod_target(struct xb_hv *hv, uint32_t domid, uint64_t kib)
{
	struct xb_hv_domain domain;
	int32_t result = xb_hv_get(hv, domid, &domain);

	if (result < 0)
		return result;
	if (domid == 0 || !(domain.flags & XB_HV_DOMAIN_HVM))
		return 0;
	errno = 0;
	return xc_domain_set_pod_target(hv->xc, domid, kib >> (XC_PAGE_SHIFT - 10), NULL, NULL, NULL) ? failure() : 0;
}

int32_t xb_hv_get_pod(struct xb_hv *hv, uint32_t domid, struct xb_hv_pod *pod)
{
	uint64_t cache = 0, entries = 0;

	if (pod->size != sizeof(*pod))
		return -EINVAL;
	errno = 0;
	if (xc_domain_get_pod_target(hv->xc, domid, NULL, &cache, &entries))
		return failure();
	memset(pod, 0, sizeof(*pod));
	pod->size = sizeof(*pod);
	pod->cache_kib = kib(cache);
	pod->entries_kib = kib(entries);
	return 0;
}
