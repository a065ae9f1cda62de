#include "record.h"

#include <inttypes.h>
#include <stdio.h>

#define VERSION 1

/* Readers accept at most 15 digits. */
#define LARGEST UINT64_C(999999999999999)

/* clang-format off */
static const char *const names[VALUES] = {
	[TOTAL_KIB] = "total_kib",
	[AVAILABLE_KIB] = "available_kib",
	[FREE_KIB] = "free_kib",
	[ANON_KIB] = "anon_kib",
	[FILE_KIB] = "file_kib",
	[SHMEM_KIB] = "shmem_kib",
	[SLAB_KIB] = "slab_kib",
	[SWAP_KIB] = "swap_kib",
	[SWAPPED_KIB] = "swapped_kib",
	[COMMITTED_KIB] = "committed_kib",
	[BALLOON_KIB] = "balloon_kib",
	[REFAULTS] = "refaults",
	[MAJFAULTS] = "majfaults",
	[SWAPINS] = "swapins",
	[OOM_KILLS] = "oom_kills",
	[SOME_BP] = "some_bp",
	[SOME_US] = "some_us",
	[FULL_BP] = "full_bp",
	[FULL_US] = "full_us",
	[IO_BP] = "io_bp",
};
/* clang-format on */

static uint64_t bounded(uint64_t value)
{
	return value < LARGEST ? value : LARGEST;
}

/* Appends a pair if all of it fits. */
static size_t append(char *record, size_t length, const char *name, uint64_t value)
{
	size_t left = RECORD_SIZE - length;
	int needed = snprintf(record + length, left, "%s%s=%" PRIu64, length ? " " : "", name, bounded(value));

	if (needed > 0 && (size_t)needed < left)
		return length + (size_t)needed;
	record[length] = '\0';
	return length;
}

size_t format_record(char record[RECORD_SIZE], const struct sample *sample, const struct stamp *stamp)
{
	size_t length = append(record, 0, "v", VERSION);

	length = append(record, length, "seq", stamp->sequence);
	length = append(record, length, "uptime_ms", stamp->uptime_ms);
	length = append(record, length, "time_s", stamp->time_s);
	if (stamp->leaving)
		length = append(record, length, "leaving", 1);
	for (int i = 0; i < VALUES; i++) {
		if (sample->value[i] != UNKNOWN)
			length = append(record, length, names[i], sample->value[i]);
	}
	return length;
}
