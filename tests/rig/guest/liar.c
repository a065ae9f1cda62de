/*
 * Writes false reports to data/xenballoon, in every way that is known to do harm. All lies except the flood stay below
 * the rate that counts as a flood, so that each is tested for itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest.h"

#define LEAF "data/xenballoon"
/* xenstored limits a guest's node to 2048 bytes, including its name and permissions. */
#define JUNK_BYTES 1900
/* xenstored limits a guest to 1000 nodes; it already has some. */
#define NODES 998
#define BATCH 64
#define PAUSE_MS 100

enum lie { NO_LIE, TRUTH, ALL, NOTHING, NEGATIVE, JUNK, FLOOD, TOO_MANY_NODES, DELETE, PERMISSIONS };

static const char *const names[] = {
	[TRUTH] = "truth",          [ALL] = "all",       [NOTHING] = "nothing",
	[NEGATIVE] = "negative",    [JUNK] = "junk",     [FLOOD] = "flood",
	[TOO_MANY_NODES] = "nodes", [DELETE] = "delete", [PERMISSIONS] = "perms",
};

uint64_t lie_named(const char *name)
{
	for (uint64_t i = TRUTH; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return NO_LIE;
}

/* Writes a record of a guest with that much available memory. STALLED: with maximum pressure and growing counters. */
static void put_record(struct xenbus *bus, long long total, long long available, int stalled)
{
	static unsigned long long seq;
	long long used = total - available, pressure = stalled ? 10000 : 0;
	unsigned long long worse = stalled ? seq * 1000 : 0;
	char text[600];

	snprintf(text, sizeof(text),
	         "v=1 seq=%llu uptime_ms=%llu time_s=%lld total_kib=%lld available_kib=%lld free_kib=%lld"
	         " anon_kib=%lld file_kib=0 shmem_kib=0 slab_kib=0 swap_kib=%lld swapped_kib=%lld committed_kib=%lld"
	         " balloon_kib=0 refaults=%llu majfaults=%llu swapins=%llu oom_kills=%llu"
	         " some_bp=%lld some_us=%llu full_bp=%lld full_us=%llu io_bp=%lld",
	         ++seq, (unsigned long long)milliseconds(), (long long)time(NULL), total, available, available, used,
	         total, stalled ? total : 0, used, worse, worse, worse, worse, pressure, worse * 1000, pressure,
	         worse * 1000, pressure);
	xenbus_put(bus, LEAF, text);
}

static void put_junk(struct xenbus *bus)
{
	char junk[JUNK_BYTES];

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (char)rand();
	xenbus_write(bus, LEAF, junk, sizeof(junk));
}

/* The shortest record, many at once: thousands a second even if each answer takes long. */
static void flood(struct xenbus *bus, struct shared *s)
{
	const char *table = read_file("/proc/meminfo");
	unsigned long long total = number(table, "MemTotal:"), available = number(table, "MemAvailable:");
	char text[64];

	snprintf(text, sizeof(text), "v=1 total_kib=%llu available_kib=%llu", total, available);
	while (s->lie == FLOOD)
		s->lies_told += (uint64_t)xenbus_put_often(bus, LEAF, text, BATCH);
}

/* Creates nodes up to the quota, or until another lie is requested. */
static void make_nodes(struct xenbus *bus, struct shared *s)
{
	char path[32];

	for (int i = 0; i < NODES && s->lie == TOO_MANY_NODES; i++) {
		snprintf(path, sizeof(path), "data/node%03d", i);
		if (xenbus_put(bus, path, "") < 0)
			return;
		s->lies_told++;
	}
}

static void remove_nodes(struct xenbus *bus)
{
	char path[32];

	for (int i = 0; i < NODES; i++) {
		snprintf(path, sizeof(path), "data/node%03d", i);
		if (xenbus_remove(bus, path) < 0)
			return; /* the quota is exhausted */
	}
}

/* A guest cannot change the owner of its nodes. The permissions of the others change each time. */
static void change_permissions(struct xenbus *bus)
{
	static const char *const forms[] = { "n%s", "n%s|n0", "b%s", "w%s|r0", "r%s|n0|b0" };
	static unsigned turn;
	char domid[16], list[64];
	size_t length;

	if (xenbus_read(bus, "domid", domid, sizeof(domid)) < 0)
		return;
	length = (size_t)snprintf(list, sizeof(list), forms[turn++ % (sizeof(forms) / sizeof(forms[0]))], domid) + 1;
	for (size_t i = 0; i < length; i++)
		if (list[i] == '|')
			list[i] = '\0';
	xenbus_permit(bus, LEAF, list, length);
}

static void tell(struct xenbus *bus, enum lie lie)
{
	const char *table = read_file("/proc/meminfo");
	long long total = (long long)number(table, "MemTotal:"), available = (long long)number(table, "MemAvailable:");

	switch (lie) {
	case ALL:
		put_record(bus, total, 0, 1);
		break;
	case NOTHING:
		put_record(bus, total, total, 0);
		break;
	case NEGATIVE:
		put_record(bus, -total, -available, 0);
		break;
	case JUNK:
		put_junk(bus);
		break;
	case DELETE:
		put_record(bus, total, available, 0);
		xenbus_remove(bus, LEAF);
		break;
	case PERMISSIONS:
		put_record(bus, total, available, 0);
		change_permissions(bus);
		break;
	default:
		put_record(bus, total, available, 0);
		break;
	}
}

void tell_lies(struct shared *s)
{
	struct xenbus bus;
	enum lie before = NO_LIE;

	if (xenbus_open(&bus) < 0) {
		complain("liar: xenbus");
		return;
	}
	for (;;) {
		const struct timespec pause = { 0, PAUSE_MS * 1000000 };
		enum lie now = (enum lie)s->lie;

		if (now != before && before == TOO_MANY_NODES)
			remove_nodes(&bus);
		if (now != before && now == TOO_MANY_NODES)
			make_nodes(&bus, s);
		before = now;
		if (now == FLOOD) {
			flood(&bus, s);
		} else if (now != NO_LIE) {
			tell(&bus, now);
			s->lies_told++;
		}
		nanosleep(&pause, NULL);
	}
}
