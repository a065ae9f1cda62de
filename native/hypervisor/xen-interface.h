/*
 * What the shim uses of Xen's public interface, on x86-64 and arm64. These are definitions of our own, so that one
 * build works with each Xen: sysctl and domctl are not stable, but what differs between their versions is only where
 * the memory is in physinfo and how long an entry of the list of domains is. tests/xen-headers compares all this with
 * the headers of several versions.
 */
#ifndef XENBALLOON_XEN_INTERFACE_H
#define XENBALLOON_XEN_INTERFACE_H

#include <stdint.h>

enum hypercall {
	HYPERCALL_MEMORY_OP = 12,
	HYPERCALL_XEN_VERSION = 17,
	HYPERCALL_SYSCTL = 35,
	HYPERCALL_DOMCTL = 36,
};

enum { VERSION_COMMAND_LINE = 9 };

enum { SYSCTL_PHYSINFO = 3, SYSCTL_DOMAIN_LIST = 6 };

enum { DOMCTL_DOMAIN_INFO = 5, DOMCTL_MAX_MEM = 11 };

enum { MEMORY_SET_POD_TARGET = 16, MEMORY_GET_POD_TARGET = 17 };

/*
 * The known versions of each interface, newest first, and what they decide. A distribution may give its Xen a newer
 * interface than the release had, so the version of Xen decides nothing.
 *
 * sysctl: the offset of struct physinfo_memory in physinfo. Xen 4.17 put 8 bytes (arch_capabilities) in front of it.
 */
#define SYSCTL_VERSIONS(X)                                                                                             \
	X(0x16, 40) /* Xen 4.21 and 4.22 */                                                                            \
	X(0x15, 40) /* Xen 4.17 to 4.20 */                                                                             \
	X(0x14, 32) /* Xen 4.16 */                                                                                     \
	X(0x13, 32) /* Xen 4.14 and 4.15 */

/*
 * domctl: the size of an entry of the list. It ends with the architecture's configuration, which the shim does not
 * read: 4 bytes (since Xen 4.15, 8) on x86, 12 (since Xen 4.21, 16) on arm64, padded to a multiple of 8. Xen 4.16 put
 * 8 bytes (gpaddr_bits) in front of that.
 */
#if defined(__x86_64__)
#define DOMAIN_INFO_SIZE_4_14 104
#elif defined(__aarch64__)
#define DOMAIN_INFO_SIZE_4_14 112
#else
#error "Xen's interface is known for x86-64 and arm64 only"
#endif
#define DOMAIN_INFO_SIZE_4_16 (DOMAIN_INFO_SIZE_4_14 + 8)
#define DOMCTL_VERSIONS(X)                                                                                             \
	X(0x18, DOMAIN_INFO_SIZE_4_16) /* Xen 4.22 */                                                                  \
	X(0x17, DOMAIN_INFO_SIZE_4_16) /* Xen 4.19 to 4.21 */                                                          \
	X(0x16, DOMAIN_INFO_SIZE_4_16) /* Xen 4.18 */                                                                  \
	X(0x15, DOMAIN_INFO_SIZE_4_16) /* Xen 4.17 */                                                                  \
	X(0x14, DOMAIN_INFO_SIZE_4_16) /* Xen 4.16 */                                                                  \
	X(0x13, DOMAIN_INFO_SIZE_4_14) /* Xen 4.15 */                                                                  \
	X(0x12, DOMAIN_INFO_SIZE_4_14) /* Xen 4.14 */

/* In pages, as everything here that is not called kib. */
struct physinfo_memory {
	uint64_t total;
	uint64_t free;
	uint64_t scrub;
	uint64_t outstanding;
};

/* The beginning of an entry of the list of domains. */
struct domain_info {
	uint16_t domid;
	uint16_t pad;
	uint32_t flags;
	uint64_t total;
	uint64_t max;
	uint64_t outstanding;
	uint64_t shared;
	uint64_t paged;
	uint64_t shared_info_frame;
	uint64_t cpu_ns;
	uint32_t online_vcpus;
	uint32_t max_vcpu;
	uint32_t security_label;
	uint8_t uuid[16];
};

enum domain_info_flags {
	DOMAIN_INFO_DYING = 1 << 0,
	DOMAIN_INFO_HVM = 1 << 1,
	DOMAIN_INFO_SHUTDOWN = 1 << 2,
	DOMAIN_INFO_PAUSED = 1 << 3,
	DOMAIN_INFO_BLOCKED = 1 << 4,
	DOMAIN_INFO_RUNNING = 1 << 5,
	DOMAIN_INFO_REASON_SHIFT = 16,
	DOMAIN_INFO_REASON_MASK = 255,
};

/* The unions are as long as Xen's, since Xen copies all of them. */
struct sysctl {
	uint32_t command;
	uint32_t interface_version;
	union {
		uint8_t physinfo[128];
		struct {
			uint16_t first;
			uint32_t max;
			uint64_t buffer;
			uint32_t count;
		} list;
	};
};

struct domctl {
	uint32_t command;
	uint32_t interface_version;
	uint16_t domid;
	uint16_t pad[3];
	union {
		uint64_t max_mem_kib;
		struct domain_info info;
		uint8_t room[128];
	};
};

struct pod_target {
	uint64_t target;
	uint64_t total;
	uint64_t cache;
	uint64_t entries;
	uint16_t domid;
};

/* xen_commandline_t */
enum { COMMAND_LINE_SIZE = 1024 };

#endif
