/*
 * The shim's ABI with a made-up hypervisor behind it, to see that both sides mean the same by each field: 600 domains whose every number
 * follows from the domid. Defining FAKE_ABI, FAKE_GROWN_DOMAIN, FAKE_GROWN_POD or FAKE_OPEN_ERROR makes it one that must be refused.
 */
#include "xenballoon-hv.h"

#include <errno.h>
#include <string.h>

#ifndef FAKE_ABI
#define FAKE_ABI XB_HV_ABI
#endif
#ifndef FAKE_GROWN_DOMAIN
#define FAKE_GROWN_DOMAIN 0
#endif
#ifndef FAKE_GROWN_POD
#define FAKE_GROWN_POD 0
#endif
#ifndef FAKE_OPEN_ERROR
#define FAKE_OPEN_ERROR 0
#endif

#define DOMAINS 600

static char hypervisor;

static void describe(struct xb_hv_domain *domain, uint32_t domid)
{
	memset(domain, 0, sizeof(*domain));
	domain->size = sizeof(*domain);
	domain->domid = domid;
	domain->flags = domid % 64;
	domain->shutdown_reason = domid % 5;
	domain->tot_kib = domid * 1000;
	domain->max_kib = domid ? domid * 2000 : UINT64_MAX >> 1;
	domain->outstanding_kib = domid;
	domain->shared_kib = 7777777;
	domain->paged_kib = 8888888;
	domain->cpu_ns = 9999999;
	for (unsigned int i = 0; i < sizeof(domain->uuid); i++)
		domain->uuid[i] = i;
	domain->uuid[14] = domid >> 8;
	domain->uuid[15] = domid;
}

int32_t xb_hv_abi(struct xb_hv_abi *abi)
{
	*abi = (struct xb_hv_abi){ sizeof(*abi),
		                   FAKE_ABI,
		                   9,
		                   9,
		                   sizeof(struct xb_hv_host),
		                   sizeof(struct xb_hv_domain) + FAKE_GROWN_DOMAIN,
		                   sizeof(struct xb_hv_pod) + FAKE_GROWN_POD };
	return FAKE_ABI;
}

int32_t xb_hv_open(struct xb_hv **hv)
{
	*hv = (struct xb_hv *)&hypervisor;
	return -FAKE_OPEN_ERROR;
}

int32_t xb_hv_close(struct xb_hv *hv)
{
	return hv == (struct xb_hv *)&hypervisor ? 0 : -EINVAL;
}

int32_t xb_hv_host(struct xb_hv *hv, struct xb_hv_host *host)
{
	(void)hv;
	if (host->size != sizeof(*host))
		return -EINVAL;
	*host = (struct xb_hv_host){ sizeof(*host), 0, 4000000, 3000000, 500000, 200000 };
	return 0;
}

int32_t xb_hv_list(struct xb_hv *hv, uint32_t first, uint32_t max, struct xb_hv_domain *domains)
{
	uint32_t count = 0;

	(void)hv;
	for (uint32_t domid = first; domid < DOMAINS && count < max; domid++)
		describe(&domains[count++], domid);
	return count;
}

int32_t xb_hv_get(struct xb_hv *hv, uint32_t domid, struct xb_hv_domain *domain)
{
	(void)hv;
	if (domid >= DOMAINS)
		return -ESRCH;
	describe(domain, domid);
	return 0;
}

int32_t xb_hv_set_maxmem(struct xb_hv *hv, uint32_t domid, uint64_t kib)
{
	(void)hv;
	return domid == 5 && kib == 12345678 ? 0 : -EPERM;
}

int32_t xb_hv_set_pod_target(struct xb_hv *hv, uint32_t domid, uint64_t kib)
{
	(void)hv;
	return domid == 6 && kib == 87654321 ? 0 : -ESRCH;
}

int32_t xb_hv_get_pod(struct xb_hv *hv, uint32_t domid, struct xb_hv_pod *pod)
{
	(void)hv;
	if (pod->size != sizeof(*pod))
		return -EINVAL;
	if (domid != 7)
		return -ENOSYS;
	*pod = (struct xb_hv_pod){ sizeof(*pod), 0, 198656, 591872 };
	return 0;
}

int32_t xb_hv_command_line(struct xb_hv *hv, char *text, uint32_t length)
{
	(void)hv;
	strncpy(text, "dom0_mem=512M,max:512M", length);
	return strlen(text);
}
