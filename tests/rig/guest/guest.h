/* The parts of a test guest. Each is a file of its own; PID 1 (init.c) starts them and hands dom0's orders on. */
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
	uint64_t growth_mib_s; /* how fast it comes to that size; 0: at once */
};

/* On one page that all processes of the guest share: what dom0 ordered, and what came of it. */
struct shared {
	/* Orders. 0: nothing ordered. */
	volatile uint64_t want_mib, want_files_mib, lie;
	struct job job;
	/* What was done. */
	volatile uint64_t held_mib, passes, files_mib, lies_told, touches;
	/* Where results go, so that they are worked out. */
	volatile uint64_t sink;
};

/* worker.c: keeps the ordered working set and never stops touching it. */
void work(struct shared *s);
/* Makes a page hard enough to compress. */
void fill(uint64_t *page);

/* files.c: keeps the ordered amount of files in memory. */
void keep_files(struct shared *s);

/* jobs.c: does the ordered job for ever. */
void do_job(struct shared *s);
/* The order "NAME MIB [GROWTH]"; of kind 0 for none that we know. */
struct job job_named(const char *words);

/* liar.c: writes what is ordered in the guest agent's place. */
void tell_lies(struct shared *s);
/* The order for a lie by its name; 0 for none that we know. */
uint64_t lie_named(const char *name);

/* reporter.c: tells the tests how the guest fares; with XENSERVER also dom0, as XenServer's agent does. */
void report(struct xenbus *bus, const struct shared *s, pid_t agent, int xenserver);

/* swap.c: starts swapping into compressed memory. */
void start_swap(void);

/* disk.c: a disk that takes its time, and no memory; makes it where it is not there yet. */
#define DISK "/dev/nullb0"
void start_disk(void);

/* kernel.c: the kernel's tables and switches. */
void complain(const char *what);
/* The whole of a file; valid until the next call. */
const char *read_file(const char *path);
int write_file(const char *path, const char *text);
void load_module(const char *path, const char *options);
/* The number that follows NAME at the start of a line in one of /proc's tables. */
uint64_t number(const char *table, const char *name);

/* pace.c: doing things by the clock. */
uint64_t milliseconds(void);
/* Sleeps a moment; gives the milliseconds since *BEFORE, but no great leap after a stall, and moves *BEFORE on. */
uint64_t next_tick(uint64_t *before);
/* What is done in so many milliseconds at a rate, in whole pages. */
uint64_t pages_in(uint64_t elapsed, uint64_t mib_per_second);

#endif
