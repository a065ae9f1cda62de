/*
 * Counted work, for measurements. An operation touches a page and computes a little. Except for idle, no job sleeps or
 * keeps a rate: the amount of work depends only on memory and on the CPU's speed, which is the same in all runs.
 *
 *   touch      touches random pages of a working set
 *   files      reads random blocks of a disk through the page cache
 *   build      bursts: four processes at once fill their memory, work on it and exit; then a single process
 *   idle       a small set that is touched now and then, at low cost
 *   database   nine of ten touches are in a quarter of the set; sometimes memory is allocated, filled and freed
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define LOADED_AT_ONCE MIB
/* The number of words that an operation reads. */
#define WORDS_READ 64
/* An idle guest touches each page once in this time, in a few batches a second. */
#define IDLE_SECONDS 5
#define IDLE_TURNS 4
#define IDLE_STRIDE 127
/* Memory of a compiler process is used several times before it is freed. */
#define BUILD_ROUNDS 4
#define BUILD_PROCESSES 4
/* The operations of the database for each allocation, and the size of an allocation. */
#define QUERY_TOUCHES 2048
#define QUERY_PAGES 64

static uint64_t pick(uint64_t below)
{
	static uint64_t x = 0x9E3779B97F4A7C15ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % below;
}

static void operate(struct shared *s, volatile uint64_t *page)
{
	uint64_t sum = 0;

	for (int i = 0; i < WORDS_READ; i++)
		sum = sum * 31 + page[i];
	s->sink = sum;
	/* By several processes at once. */
	__atomic_fetch_add(&s->touches, 1, __ATOMIC_RELAXED);
}

static char *map(uint64_t length)
{
	char *area = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (area != MAP_FAILED)
		return area;
	complain("job: mmap");
	_exit(1);
}

/* Fills a page at its first touch and changes it at each touch, so that its copy in swap becomes invalid. */
static void touch(struct shared *s, char *area, uint64_t index)
{
	uint64_t *page = (uint64_t *)(area + index * PAGE);

	if (page[0] == 0)
		fill(page);
	page[0]++;
	operate(s, page);
}

/* The current size of a growing set, in pages. */
static uint64_t grown(const struct job *job, uint64_t since)
{
	uint64_t now = job->growth_mib_s ? pages_in(milliseconds() - since, job->growth_mib_s) + 1 : ~0ULL;
	uint64_t all = job->mib * (MIB / PAGE);

	return now < all ? now : all;
}

/*
 * A starting program takes its memory as fast as it can. Many pages are requested at once, because here a trap for each
 * would dominate the cost.
 */
static void load(struct shared *s, const struct job *job, char *area)
{
	if (job->growth_mib_s)
		return;
	for (uint64_t at = 0; at < job->mib * MIB; at += LOADED_AT_ONCE) {
		madvise(area + at, LOADED_AT_ONCE, MADV_POPULATE_WRITE);
		for (uint64_t i = 0; i < LOADED_AT_ONCE / PAGE; i++)
			touch(s, area + at, i);
	}
}

static void touch_at_random(struct shared *s, const struct job *job)
{
	char *area = map(job->mib * MIB);
	uint64_t since = milliseconds();

	load(s, job, area);
	for (;;) {
		uint64_t pages = grown(job, since);

		for (int i = 0; i < 1000; i++)
			touch(s, area, pick(pages));
	}
}

static void read_files(struct shared *s, const struct job *job)
{
	static uint64_t page[PAGE / 8];
	uint64_t since = milliseconds();
	int fd;

	start_disk();
	fd = open(DISK, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		complain(DISK);
		_exit(1);
	}
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	for (;;) {
		if (pread(fd, page, PAGE, (off_t)(pick(grown(job, since)) * PAGE)) != PAGE)
			complain("job: read");
		operate(s, page);
	}
}

static void idle(struct shared *s, const struct job *job)
{
	const struct timespec nap = { 0, 1000000000 / IDLE_TURNS };
	const uint64_t pages = job->mib * (MIB / PAGE);
	char *area = map(job->mib * MIB);

	for (uint64_t i = 0; i < pages; i++)
		touch(s, area, i);
	for (uint64_t i = 0;; i++) {
		touch(s, area, i * IDLE_STRIDE % pages);
		if (i % (pages / IDLE_SECONDS / IDLE_TURNS + 1) == 0)
			nanosleep(&nap, NULL);
	}
}

static void compile(struct shared *s, uint64_t pages)
{
	char *area = map(pages * PAGE);

	for (int round = 0; round < BUILD_ROUNDS; round++)
		for (uint64_t i = 0; i < pages; i++)
			touch(s, area, i);
	_exit(0);
}

static void build(struct shared *s, const struct job *job)
{
	const uint64_t pages = job->mib * (MIB / PAGE);

	for (;;)
		for (int processes = BUILD_PROCESSES; processes > 0; processes -= BUILD_PROCESSES - 1) {
			for (int i = 0; i < processes; i++)
				if (fork() == 0)
					compile(s, pages / BUILD_PROCESSES);
			while (wait(NULL) > 0)
				;
		}
}

static void query(struct shared *s, const struct job *job)
{
	char *area = map(job->mib * MIB);
	uint64_t since = milliseconds();

	load(s, job, area);
	for (;;) {
		uint64_t pages = grown(job, since), hot = pages / 4 + 1;
		char *result = map(QUERY_PAGES * PAGE);

		for (uint64_t i = 0; i < QUERY_TOUCHES; i++)
			touch(s, area, pick(i % 10 == 0 ? pages : hot));
		for (uint64_t i = 0; i < QUERY_PAGES; i++)
			touch(s, result, i);
		munmap(result, QUERY_PAGES * PAGE);
	}
}

static const struct {
	const char *name;
	void (*run)(struct shared *s, const struct job *job);
} kinds[] = {
	{ "touch", touch_at_random }, { "files", read_files }, { "idle", idle },
	{ "build", build },           { "database", query },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct job job_named(const char *words)
{
	struct job job = { 0 };
	char name[16] = "";
	unsigned long long mib = 0, growth = 0;

	if (sscanf(words, "%15s %llu %llu", name, &mib, &growth) < 2)
		return job;
	for (unsigned i = 0; i < KINDS; i++)
		if (strcmp(name, kinds[i].name) == 0)
			job.kind = i + 1;
	job.mib = mib;
	job.growth_mib_s = growth;
	return job;
}

void do_job(struct shared *s)
{
	/* A copy: the next request is for the next process. */
	const struct job job = s->job;

	kinds[job.kind - 1].run(s, &job);
}
