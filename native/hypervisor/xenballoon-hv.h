/*
 * The calls of the hypervisor that xenballoond needs, with an ABI that does not change with the Xen version.
 *
 * One build works with each Xen: it calls libxencall, whose soname and API are stable, and finds out when it is opened
 * which version of the unstable interfaces (sysctl, domctl) the running Xen has (xen-interface.h).
 *
 * Functions return 0 or more, or -errno. Sizes are in KiB. Structures start with their size, so that each side notices
 * if the other was built with another version of this header. A connection is for one thread at a time: its calls share
 * one buffer.
 */
#ifndef XENBALLOON_HV_H
#define XENBALLOON_HV_H

#include <stdint.h>

#define XB_HV_ABI 3

#define XB_HV_API __attribute__((visibility("default")))

/* The version of the ABI, and the sizes of the structures. To be compared before any other call. */
struct xb_hv_abi {
	uint32_t size; /* in: the caller's size of this structure; out: the library's */
	uint32_t abi;
	uint32_t interface_size;
	uint32_t host_size;
	uint32_t domain_size;
	uint32_t pod_size;
};

/* The versions of the running Xen's unstable interfaces; 0 if they could not be found out. */
struct xb_hv_interface {
	uint32_t size; /* in and out */
	uint32_t sysctl;
	uint32_t domctl;
};

/* The memory of the machine. free_kib includes claimed memory: free_kib - outstanding_kib can be allocated. */
struct xb_hv_host {
	uint32_t size; /* in and out */
	uint32_t pad;
	uint64_t total_kib;
	uint64_t free_kib;
	uint64_t scrub_kib;
	uint64_t outstanding_kib;
};

/* flags: XB_HV_DOMAIN_ bits. The other values are those of the hypervisor. */
struct xb_hv_domain {
	uint32_t size; /* out */
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
 * Populate on demand: entries_kib of the domain's address space have no memory yet. They get it when first touched,
 * from the cache of cache_kib. If the cache is smaller than the entries, a domain that touches all of them dies.
 */
struct xb_hv_pod {
	uint32_t size; /* in and out */
	uint32_t pad;
	uint64_t cache_kib;
	uint64_t entries_kib;
};

#define XB_HV_DOMAIN_DYING (1u << 0)
#define XB_HV_DOMAIN_HVM (1u << 1)
#define XB_HV_DOMAIN_SHUTDOWN (1u << 2)
#define XB_HV_DOMAIN_PAUSED (1u << 3)
#define XB_HV_DOMAIN_BLOCKED (1u << 4)
#define XB_HV_DOMAIN_RUNNING (1u << 5)

struct xb_hv;

/* Fills in *abi up to the caller's size. Returns XB_HV_ABI. */
XB_HV_API int32_t xb_hv_abi(struct xb_hv_abi *abi);

/*
 * -EPROTONOSUPPORT: Xen has an interface that this library does not know; *interface tells which. -EINVAL:
 * interface->size differs from the library's.
 */
XB_HV_API int32_t xb_hv_open(struct xb_hv **hv, struct xb_hv_interface *interface);
XB_HV_API int32_t xb_hv_close(struct xb_hv *hv);

/* -EINVAL: host->size differs from the library's. */
XB_HV_API int32_t xb_hv_host(struct xb_hv *hv, struct xb_hv_host *host);

/* Domains with a domid of first or more, ascending, at most max of them. Returns their number. One call of Xen. */
XB_HV_API int32_t xb_hv_list(struct xb_hv *hv, uint32_t first, uint32_t max, struct xb_hv_domain *domains);

/* -ESRCH: no such domain. */
XB_HV_API int32_t xb_hv_get(struct xb_hv *hv, uint32_t domid, struct xb_hv_domain *domain);

XB_HV_API int32_t xb_hv_set_maxmem(struct xb_hv *hv, uint32_t domid, uint64_t kib);

/* Succeeds without effect where nothing populates on demand: PV domains, dom0, and Xen on Arm. */
XB_HV_API int32_t xb_hv_set_pod_target(struct xb_hv *hv, uint32_t domid, uint64_t kib);

/* -EINVAL: pod->size differs from the library's, or the domain is PV, which does not populate on demand. */
XB_HV_API int32_t xb_hv_get_pod(struct xb_hv *hv, uint32_t domid, struct xb_hv_pod *pod);

/* Xen's command line, of at most size bytes with its NUL. Returns its length. -EPERM: Xen keeps it secret. */
XB_HV_API int32_t xb_hv_command_line(struct xb_hv *hv, char *text, uint32_t size);

#endif
