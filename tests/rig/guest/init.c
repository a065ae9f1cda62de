/*
 * PID 1 of a test guest: its workload and its reporter, a static program alone in its initramfs.
 *
 * The reporter (PID 1) locks itself into memory, so that it can tell of a shortage while there is one. Each second it
 * writes, as XenServer's agent does, data/meminfo_total and data/meminfo_free (MemAvailable; KiB), and in data/rig-stats
 * what the tests judge by:
 *
 *   uptime_s=N swapped_kib=N pswpin=N pswpout=N oom_kill=N held_mib=N passes=N
 *
 * The worker keeps an anonymous working set of data/eat MiB (given by dom0) and touches all of it about once in
 * PASS_SECONDS, so that a page taken from it comes back as a swap-in; a small part it frees and fills anew. It cannot be killed for memory and the reporter
 * neither: when the kernel finds no way out, the guest dies as a guest does whose only service is what it runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define MIB (1024 * 1024)
#define TICK_MS 20
#define MAX_STEP_MS 200
#define PASS_SECONDS 2
/* A working set grows suddenly: faster than memory can come, so that the guest is short for a while and swaps. */
#define GROWTH_MIB_PER_SECOND 100
/* What the worker frees and fills anew each pass: a service that never allocates would survive on no free memory at all. */
#define CHURN_MIB 4
/* One part in FILLED_PART of each page is noise, the rest zero: zram stores it at about a quarter of its size. */
#define FILLED_PART 4

struct shared {
	volatile uint64_t want_mib, held_mib, passes;
};

/* The wire format of /dev/xen/xenbus, from Xen's public header io/xs_wire.h. */
struct message {
	uint32_t type, request, transaction, length;
};

enum { XS_READ = 2, XS_WRITE = 11, XS_ERROR = 16 };

static void complain(const char *what)
{
	fprintf(stderr, "RIG-GUEST: %s: %s\n", what, strerror(errno));
}

static int xenbus = -1;

/* Sends one request and reads its answer; returns the answer's length or -1. */
static int ask(uint32_t type, const char *path, const char *value, char *answer, size_t room)
{
	char packet[sizeof(struct message) + 1024];
	struct message m = { .type = type };
	size_t path_length = strlen(path) + 1, value_length = value ? strlen(value) : 0, have = 0;

	m.length = (uint32_t)(path_length + value_length);
	memcpy(packet, &m, sizeof(m));
	memcpy(packet + sizeof(m), path, path_length);
	if (value)
		memcpy(packet + sizeof(m) + path_length, value, value_length);
	if (write(xenbus, packet, sizeof(m) + m.length) < 0)
		return -1;
	while (have < sizeof(m)) {
		ssize_t n = read(xenbus, (char *)&m + have, sizeof(m) - have);
		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	for (have = 0; have < m.length;) {
		char rest[256];
		ssize_t n = read(xenbus, rest, m.length - have < sizeof(rest) ? m.length - have : sizeof(rest));
		if (n <= 0)
			return -1;
		if (have == 0 && answer && (size_t)n < room) {
			memcpy(answer, rest, (size_t)n);
			answer[n] = '\0';
		}
		have += (size_t)n;
	}
	return m.type == XS_ERROR ? -1 : (int)m.length;
}

static void put(const char *leaf, const char *value)
{
	if (ask(XS_WRITE, leaf, value, NULL, 0) < 0)
		complain(leaf);
}

/* The number that follows NAME at the start of a line in one of /proc's tables. */
static uint64_t number(const char *table, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = table; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, name, length) == 0)
			return strtoull(line + length + 1, NULL, 10);
	}
	return 0;
}

static const char *read_file(const char *path)
{
	static char text[16384];
	int fd = open(path, O_RDONLY);
	size_t length = 0;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)n;
	if (fd >= 0)
		close(fd);
	text[length] = '\0';
	return text;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (n < 0)
		complain(path);
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
		complain(path);
	if (fd >= 0)
		close(fd);
}

/* A swap device in compressed memory, twice as large as the guest is at boot: long before it is full it has taken all memory. */
static void start_swap(void)
{
	static uint32_t header[PAGE / 4];
	uint64_t kib = 2 * number(read_file("/proc/meminfo"), "MemTotal:");
	char size[32];
	int fd;

	load_module("/mods/zsmalloc.ko");
	load_module("/mods/zram.ko");
	snprintf(size, sizeof(size), "%lluK", (unsigned long long)(kib & ~3ULL));
	if (write_file("/sys/block/zram0/disksize", size) < 0)
		return;
	header[256] = 1;                        /* version */
	header[257] = (uint32_t)(kib / 4 - 1);  /* last page */
	memcpy((char *)header + PAGE - 10, "SWAPSPACE2", 10);
	fd = open("/dev/zram0", O_WRONLY);
	if (fd < 0 || write(fd, header, PAGE) != PAGE)
		complain("/dev/zram0");
	if (fd >= 0)
		close(fd);
	if (swapon("/dev/zram0", 0) < 0)
		complain("swapon");
}

static uint64_t noise(void)
{
	static uint64_t x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void fill(uint64_t *page)
{
	for (int i = 0; i < PAGE / 8 / FILLED_PART; i++)
		page[i] = noise();
}

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void churn(char *area, uint64_t length)
{
	madvise(area, length, MADV_DONTNEED);
	for (uint64_t at = 0; at < length; at += PAGE)
		fill((uint64_t *)(area + at));
}

static void work(struct shared *s)
{
	/* Address space for more than any test guest has; only what is touched is ever backed by memory. */
	const uint64_t room = 4096ULL * MIB;
	char *area = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	const struct timespec tick = { 0, TICK_MS * 1000000 };
	uint64_t held = 0, next = 0, before = milliseconds();

	if (area == MAP_FAILED) {
		complain("worker: mmap");
		return;
	}
	write_file("/proc/self/oom_score_adj", "-1000");
	for (;; nanosleep(&tick, NULL)) {
		/* By the clock and not by ticks, for under load a tick takes as long as it takes; but no great leap after a stall. */
		uint64_t now = milliseconds(), elapsed = now - before < MAX_STEP_MS ? now - before : MAX_STEP_MS;
		uint64_t want = s->want_mib * MIB;
		uint64_t step = elapsed * GROWTH_MIB_PER_SECOND * MIB / 1000 / PAGE * PAGE;
		uint64_t touch = held / PAGE * elapsed / (PASS_SECONDS * 1000) + 1;

		before = now;
		if (want > room)
			want = room;
		if (held > want) {
			madvise(area + want, held - want, MADV_DONTNEED);
			held = want;
		}
		for (uint64_t end = held + step; held < want && held < end; held += PAGE)
			fill((uint64_t *)(area + held));
		s->held_mib = held / MIB;
		for (; touch > 0 && held > 0; touch--) {
			if (next >= held) {
				next = 0;
				s->passes++;
				churn(area, held < CHURN_MIB * MIB ? held : CHURN_MIB * MIB);
			}
			++*(volatile uint64_t *)(area + next);
			next += PAGE;
		}
	}
}

static void report(struct shared *s)
{
	char text[256];
	const char *table = read_file("/proc/meminfo");
	uint64_t total = number(table, "MemTotal:"), available = number(table, "MemAvailable:");
	uint64_t swapped = number(table, "SwapTotal:") - number(table, "SwapFree:");
	struct timespec up;

	clock_gettime(CLOCK_BOOTTIME, &up);
	table = read_file("/proc/vmstat");
	snprintf(text, sizeof(text), "uptime_s=%lld swapped_kib=%llu pswpin=%llu pswpout=%llu oom_kill=%llu held_mib=%llu passes=%llu",
		 (long long)up.tv_sec, (unsigned long long)swapped, (unsigned long long)number(table, "pswpin"),
		 (unsigned long long)number(table, "pswpout"), (unsigned long long)number(table, "oom_kill"),
		 (unsigned long long)s->held_mib, (unsigned long long)s->passes);
	put("data/rig-stats", text);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)total);
	put("data/meminfo_total", text);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)available);
	put("data/meminfo_free", text);
}

int main(void)
{
	struct shared *s;

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 || mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
		complain("mount");
	mount("dev", "/dev", "devtmpfs", 0, NULL); /* the kernel may have mounted it already */
	if (!strstr(read_file("/proc/cmdline"), "rig.noswap"))
		start_swap();
	/* A working set is kept in memory as long as there is any: idle pages of the kernel's caches go first. */
	write_file("/proc/sys/vm/page-cluster", "0");

	s = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	xenbus = open("/dev/xen/xenbus", O_RDWR | O_CLOEXEC);
	if (s == MAP_FAILED || xenbus < 0) {
		complain("/dev/xen/xenbus");
		return 1; /* panics the guest: without xenstore it is of no use */
	}
	if (fork() == 0) {
		work(s);
		return 1;
	}
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		complain("mlockall");
	fprintf(stderr, "RIG-GUEST: up\n");
	for (;;) {
		const struct timespec second = { 1, 0 };
		char answer[32] = "";

		if (ask(XS_READ, "data/eat", NULL, answer, sizeof(answer)) > 0)
			s->want_mib = strtoull(answer, NULL, 10);
		report(s);
		nanosleep(&second, NULL);
	}
}
