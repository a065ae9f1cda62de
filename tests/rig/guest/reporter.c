/*
 * Reports of the guest. For the tests, data/rig-stats:
 *
 *   uptime_ms=N total_kib=N available_kib=N swapped_kib=N pswpin=N pswpout=N oom_kill=N held_mib=N passes=N files_mib=N
 *   lies=N touches=N agent_started_ms=N agent_rss_kib=N agent_cpu_ms=N
 *
 * and, as XenServer's agent writes them, data/meminfo_total and data/meminfo_free (MemAvailable; KiB).
 */
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"

static const char *agent_file(pid_t agent, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)agent, name);
	return agent ? read_file(path) : "";
}

static void put_number(struct xenbus *bus, const char *leaf, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	if (xenbus_put(bus, leaf, text) < 0)
		complain(leaf);
}

/* Appends " NAME=VALUE". */
static char *add(char *at, const char *name, uint64_t value)
{
	return at + sprintf(at, " %s=%llu", name, (unsigned long long)value);
}

void report(struct xenbus *bus, const struct shared *s, pid_t agent, int xenserver)
{
	char text[512], *at = text;
	const char *table = read_file("/proc/meminfo");
	uint64_t total = number(table, "MemTotal:"), available = number(table, "MemAvailable:");
	uint64_t swapped = number(table, "SwapTotal:") - number(table, "SwapFree:");

	at += sprintf(at, "uptime_ms=%llu", (unsigned long long)uptime_ms());
	at = add(at, "total_kib", total);
	at = add(at, "available_kib", available);
	at = add(at, "swapped_kib", swapped);
	table = read_file("/proc/vmstat");
	at = add(at, "pswpin", number(table, "pswpin"));
	at = add(at, "pswpout", number(table, "pswpout"));
	at = add(at, "oom_kill", number(table, "oom_kill"));
	at = add(at, "held_mib", s->held_mib);
	at = add(at, "passes", s->passes);
	at = add(at, "files_mib", s->files_mib);
	at = add(at, "lies", s->lies_told);
	at = add(at, "touches", s->touches);
	at = add(at, "agent_started_ms", s->agent_started_ms);
	/* Exact sources: statm lags by some dozen pages, and stat counts ticks instead of nanoseconds. */
	at = add(at, "agent_rss_kib", number(agent_file(agent, "smaps_rollup"), "Rss:"));
	add(at, "agent_cpu_ms", strtoull(agent_file(agent, "schedstat"), NULL, 10) / 1000000);
	if (xenbus_put(bus, "data/rig-stats", text) < 0)
		complain("data/rig-stats");
	if (xenserver) {
		put_number(bus, "data/meminfo_total", total);
		put_number(bus, "data/meminfo_free", available);
	}
}
