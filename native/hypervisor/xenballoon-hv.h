/*
 * The hypervisor as xenballoond sees it: a few calls of libxenctrl behind an ABI that stays the same.
 *
 * libxenctrl's soname carries the Xen version and its API moves, so this file's library is compiled against each Xen's
 * own headers and named for it (libxenballoon-hv-4.17.so); the daemon loads the one that fits the running Xen.
 *
 * Every function returns 0 or more, or -errno. Sizes are in KiB. Structures start with their own size, so that either
 * side can tell that the other was built from another header.
 */
#ifndef XENBALLOON_HV_H
#define XENBALLOON_HV_H

#include <stdint.h>

#define XB_HV_ABI 2

#define XB_HV_API __attribute__((visibility("default")))

/* Which ABI, which Xen, and how large the structures are: to be compared before anything else is called. */
struct xb_hv_abi {
	uint32_t size;		/* in: the caller's size of this structure; out: the library's */
	uint32_t abi;
	uint32_t xen_major;
	uint32_t xen_minor;
	uint32_t host_size;
	uint32_t domain_size;
	uint32_t pod_size;
};

/* The machine's memory. free_kib contains what is claimed: what can be given out is free_kib - outstanding_kib. */
struct xb_hv_host {
	uint32_t size;		/* in and out */
	uint32_t pad;
	uint64_t total_kib;
	uint64_t free_kib;
	uint64_t scrub_kib;
	uint64_t outstanding_kib;
};

/* domid to shutdown_reason are the hypervisor's; flags are the XB_HV_DOMAIN_ bits below. */
struct xb_hv_domain {
	uint32_t size;		/* out */
	uint32_t domid;
	uint32_t flags;
	uint32_t shutdown_reason;
	uint64_t tot_kib;
	uint64_t max_kib;
	uint64_t outstanding_kib;
	uint64_t shared_kib;
	uint64_t paged_kib;
	uint64_t cpu_ns;
	uint8_t uuid[16];
};

/*
 * Populate on demand: entries_kib of the domain's address space have no memory behind them yet, and get it from the
 * cache_kib kept for them when first touched. With less in the cache than entries, a domain that touches all it sees dies.
 */
struct xb_hv_pod {
	uint32_t size;		/* in and out */
	uint32_t pad;
	uint64_t cache_kib;
	uint64_t entries_kib;
};

#define XB_HV_DOMAIN_DYING	(1u << 0)
#define XB_HV_DOMAIN_HVM	(1u << 1)
#define XB_HV_DOMAIN_SHUTDOWN	(1u << 2)
#define XB_HV_DOMAIN_PAUSED	(1u << 3)
#define XB_HV_DOMAIN_BLOCKED	(1u << 4)
#define XB_HV_DOMAIN_RUNNING	(1u << 5)

struct xb_hv;

/* Fills in what of *abi the caller has room for. Returns XB_HV_ABI. */
XB_HV_API int32_t xb_hv_abi(struct xb_hv_abi *abi);

XB_HV_API int32_t xb_hv_open(struct xb_hv **hv);
XB_HV_API int32_t xb_hv_close(struct xb_hv *hv);

/* -EINVAL: host->size is not ours. */
XB_HV_API int32_t xb_hv_host(struct xb_hv *hv, struct xb_hv_host *host);

/* Domains with a domid of first or more, ascending, at most max of them. Returns how many. */
XB_HV_API int32_t xb_hv_list(struct xb_hv *hv, uint32_t first, uint32_t max, struct xb_hv_domain *domains);

/* -ESRCH: no such domain. */
XB_HV_API int32_t xb_hv_get(struct xb_hv *hv, uint32_t domid, struct xb_hv_domain *domain);

XB_HV_API int32_t xb_hv_set_maxmem(struct xb_hv *hv, uint32_t domid, uint64_t kib);

/* Without effect, and no error, for PV domains and dom0: they have nothing to populate on demand. */
XB_HV_API int32_t xb_hv_set_pod_target(struct xb_hv *hv, uint32_t domid, uint64_t kib);

/* -EINVAL: pod->size is not ours, or the domain is PV and has nothing to populate on demand. */
XB_HV_API int32_t xb_hv_get_pod(struct xb_hv *hv, uint32_t domid, struct xb_hv_pod *pod);

/* Xen's own command line, NUL-terminated and cut at length. Returns its length. */
XB_HV_API int32_t xb_hv_command_line(struct xb_hv *hv, char *text, uint32_t length);

#endif
