/* The parts of a test guest, a file each. PID 1 (init.c) starts them and passes dom0's requests on. */
#ifndef RIG_GUEST_H
#define RIG_GUEST_H

#include <stdint.h>
#include <sys/types.h>

#include "xenbus.h"

#define PAGE 4096
#define MIB (1024 * 1024)

/* Work whose amount is counted: jobs.c. */
struct job {
	uint64_t kind; /* 0: none */
	uint64_t mib;
	uint64_t growth_mib_s; /* how fast it grows to that size; 0: at once */
};

/* A page that all processes of the guest share: dom0's requests and the results. */
struct shared {
	/* Requests. 0: none. */
	volatile uint64_t want_mib, want_files_mib, lie;
	struct job job;
	/* Results. */
	volatile uint64_t held_mib, passes, files_mib, lies_told, touches;
	/* When PID 1 last started the agent, in the guest's uptime. */
	uint64_t agent_started_ms;
	/* A sink for computed values, so that the compiler keeps the computation. */
	volatile uint64_t sink;
};

/* worker.c: keeps a working set of the requested size and keeps touching it. */
void work(struct shared *s);
/* Fills a page so that it does not compress too well. */
void fill(uint64_t *page);

/* files.c: keeps the requested amount of files in memory. */
void keep_files(struct shared *s);

/* jobs.c: runs the requested job without end. */
void do_job(struct shared *s);
/* Parses "NAME MIB [GROWTH]"; kind 0 if unknown. */
struct job job_named(const char *words);

/* liar.c: writes false reports. */
void tell_lies(struct shared *s);
/* The lie of that name; 0 if unknown. */
uint64_t lie_named(const char *name);

/* reporter.c: writes statistics for the tests; with XENSERVER also reports as XenServer's agent does. */
void report(struct xenbus *bus, const struct shared *s, pid_t agent, int xenserver);

/* swap.c: swaps to compressed memory. */
void start_swap(void);

/* disk.c: a disk with latency that uses no memory; creates it if it does not exist. */
#define DISK "/dev/nullb0"
void start_disk(void);

/* kernel.c: the kernel's tables and settings. */
void complain(const char *what);
/* The contents of a file; valid until the next call. */
const char *read_file(const char *path);
int write_file(const char *path, const char *text);
/* Loads a module and what it depends on. */
void load_module(const char *name, const char *options);
/* The number after NAME at the start of a line of a table in /proc. */
uint64_t number(const char *table, const char *name);

/* pace.c: timing. */
uint64_t milliseconds(void);
/* The time since the boot, including time in which the guest was saved, as in the agent's records. */
uint64_t uptime_ms(void);
/* Sleeps a moment and returns the milliseconds since *BEFORE, limited after a stall; advances *BEFORE. */
uint64_t next_tick(uint64_t *before);
/* The bytes done in so many milliseconds at a rate, in whole pages. */
uint64_t pages_in(uint64_t elapsed, uint64_t mib_per_second);

#endif
