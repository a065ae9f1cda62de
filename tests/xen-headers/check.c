/*
 * Compares native/hypervisor/xen-interface.h with Xen's own headers. It compiles, or it does not:
 *   gcc -fsyntax-only -ffreestanding -I.cache/xen-headers/4.17/include -Inative/hypervisor check.c
 * As nothing of libc is used, -U__x86_64__ -D__aarch64__ compares what arm64 has.
 */
#define __XEN_TOOLS__ 1
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/version.h>

#include "xen-interface.h"

#define EQUAL(xen, ours) _Static_assert((xen) == (ours), #xen " differs from " #ours)
#define SAME_FIELD(xen_type, xen_field, type, field)                                                                   \
	EQUAL(offsetof(xen_type, xen_field), offsetof(type, field));                                                   \
	EQUAL(sizeof(((xen_type *)0)->xen_field), sizeof(((type *)0)->field))

EQUAL(__HYPERVISOR_memory_op, HYPERCALL_MEMORY_OP);
EQUAL(__HYPERVISOR_xen_version, HYPERCALL_XEN_VERSION);
EQUAL(__HYPERVISOR_sysctl, HYPERCALL_SYSCTL);
EQUAL(__HYPERVISOR_domctl, HYPERCALL_DOMCTL);
EQUAL(XENVER_commandline, VERSION_COMMAND_LINE);
EQUAL(sizeof(xen_commandline_t), COMMAND_LINE_SIZE);
EQUAL(XEN_SYSCTL_physinfo, SYSCTL_PHYSINFO);
EQUAL(XEN_SYSCTL_getdomaininfolist, SYSCTL_DOMAIN_LIST);
EQUAL(XEN_DOMCTL_getdomaininfo, DOMCTL_DOMAIN_INFO);
EQUAL(XEN_DOMCTL_max_mem, DOMCTL_MAX_MEM);
EQUAL(XENMEM_set_pod_target, MEMORY_SET_POD_TARGET);
EQUAL(XENMEM_get_pod_target, MEMORY_GET_POD_TARGET);

EQUAL(sizeof(struct xen_sysctl), sizeof(struct sysctl));
SAME_FIELD(struct xen_sysctl, cmd, struct sysctl, command);
SAME_FIELD(struct xen_sysctl, interface_version, struct sysctl, interface_version);
EQUAL(offsetof(struct xen_sysctl, u), offsetof(struct sysctl, physinfo));
SAME_FIELD(struct xen_sysctl, u.getdomaininfolist.first_domain, struct sysctl, list.first);
SAME_FIELD(struct xen_sysctl, u.getdomaininfolist.max_domains, struct sysctl, list.max);
SAME_FIELD(struct xen_sysctl, u.getdomaininfolist.buffer, struct sysctl, list.buffer);
SAME_FIELD(struct xen_sysctl, u.getdomaininfolist.num_domains, struct sysctl, list.count);

EQUAL(sizeof(struct xen_domctl), sizeof(struct domctl));
SAME_FIELD(struct xen_domctl, cmd, struct domctl, command);
SAME_FIELD(struct xen_domctl, interface_version, struct domctl, interface_version);
SAME_FIELD(struct xen_domctl, domain, struct domctl, domid);
SAME_FIELD(struct xen_domctl, u.max_mem.max_memkb, struct domctl, max_mem_kib);
EQUAL(offsetof(struct xen_domctl, u), offsetof(struct domctl, info));

EQUAL(sizeof(struct xen_pod_target), sizeof(struct pod_target));
SAME_FIELD(struct xen_pod_target, target_pages, struct pod_target, target);
SAME_FIELD(struct xen_pod_target, tot_pages, struct pod_target, total);
SAME_FIELD(struct xen_pod_target, pod_cache_pages, struct pod_target, cache);
SAME_FIELD(struct xen_pod_target, pod_entries, struct pod_target, entries);
SAME_FIELD(struct xen_pod_target, domid, struct pod_target, domid);

SAME_FIELD(struct xen_domctl_getdomaininfo, domain, struct domain_info, domid);
SAME_FIELD(struct xen_domctl_getdomaininfo, flags, struct domain_info, flags);
SAME_FIELD(struct xen_domctl_getdomaininfo, tot_pages, struct domain_info, total);
SAME_FIELD(struct xen_domctl_getdomaininfo, max_pages, struct domain_info, max);
SAME_FIELD(struct xen_domctl_getdomaininfo, outstanding_pages, struct domain_info, outstanding);
SAME_FIELD(struct xen_domctl_getdomaininfo, shr_pages, struct domain_info, shared);
SAME_FIELD(struct xen_domctl_getdomaininfo, paged_pages, struct domain_info, paged);
SAME_FIELD(struct xen_domctl_getdomaininfo, cpu_time, struct domain_info, cpu_ns);
SAME_FIELD(struct xen_domctl_getdomaininfo, handle, struct domain_info, uuid);
EQUAL(XEN_DOMINF_dying, DOMAIN_INFO_DYING);
EQUAL(XEN_DOMINF_hvm_guest, DOMAIN_INFO_HVM);
EQUAL(XEN_DOMINF_shutdown, DOMAIN_INFO_SHUTDOWN);
EQUAL(XEN_DOMINF_paused, DOMAIN_INFO_PAUSED);
EQUAL(XEN_DOMINF_blocked, DOMAIN_INFO_BLOCKED);
EQUAL(XEN_DOMINF_running, DOMAIN_INFO_RUNNING);
EQUAL(XEN_DOMINF_shutdownshift, DOMAIN_INFO_REASON_SHIFT);
EQUAL(XEN_DOMINF_shutdownmask, DOMAIN_INFO_REASON_MASK);

/* What the tables say of the version of these headers; 0 if they do not have it. */
#define IF_SYSCTL(known, value) +((known) == XEN_SYSCTL_INTERFACE_VERSION ? (value) : 0)
#define IF_DOMCTL(known, value) +((known) == XEN_DOMCTL_INTERFACE_VERSION ? (value) : 0)
#define MEMORY_OFFSET (0 SYSCTL_VERSIONS(IF_SYSCTL))
#define MEMORY_FIELD(field) (MEMORY_OFFSET + offsetof(struct physinfo_memory, field))

EQUAL(sizeof(struct xen_domctl_getdomaininfo), 0 DOMCTL_VERSIONS(IF_DOMCTL));
EQUAL(offsetof(struct xen_sysctl_physinfo, total_pages), MEMORY_FIELD(total));
EQUAL(offsetof(struct xen_sysctl_physinfo, free_pages), MEMORY_FIELD(free));
EQUAL(offsetof(struct xen_sysctl_physinfo, scrub_pages), MEMORY_FIELD(scrub));
EQUAL(offsetof(struct xen_sysctl_physinfo, outstanding_pages), MEMORY_FIELD(outstanding));
