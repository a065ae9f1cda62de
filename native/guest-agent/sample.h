/* What a guest's kernel says of its memory at one moment: the values of a report, in the order in which they are written. */
#ifndef XENBALLOON_SAMPLE_H
#define XENBALLOON_SAMPLE_H

#include <stdint.h>

/* The kernel does not say it. */
#define UNKNOWN UINT64_MAX

/* Sizes in KiB; counters since the guest's boot; waiting in microseconds since boot, or (BP) the last 10 s' part in hundredths of a percent. */
enum value {
	TOTAL_KIB,
	AVAILABLE_KIB,
	FREE_KIB,
	ANON_KIB,
	FILE_KIB,
	SHMEM_KIB,
	SLAB_KIB,
	SWAP_KIB,
	SWAPPED_KIB,
	COMMITTED_KIB,
	BALLOON_KIB,
	REFAULTS,
	MAJFAULTS,
	SWAPINS,
	SOME_BP,
	SOME_US,
	FULL_BP,
	FULL_US,
	IO_BP,
	VALUES
};

struct sample {
	uint64_t value[VALUES];
};

#endif
