#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tables.h"

/* vmstat, the longest table, has about 6 KB. */
#define TABLE_SIZE 16384

#define PRESSURE_FILE "pressure/memory"

static const struct {
	const char *name;
	bool in_sysfs;
	void (*read)(const char *, size_t, struct sample *);
} tables[TABLES] = {
	[MEMINFO] = { "meminfo", false, read_meminfo },
	[VMSTAT] = { "vmstat", false, read_vmstat },
	[MEMORY_PRESSURE] = { PRESSURE_FILE, false, read_memory_pressure },
	[IO_PRESSURE] = { "pressure/io", false, read_io_pressure },
	[BALLOON] = { "devices/system/xen_memory/xen_memory0/info/current_kb", true, read_balloon },
};

/*
 * Some task stalled for 50 ms within 1 s; or, since Linux 6.5 allows windows other than multiples of 2 s only to root,
 * for 100 ms within 2 s. The kernel checks ten times in a window.
 */
static const char *const triggers[] = { "some 50000 1000000", "some 100000 2000000" };

static int open_below(const char *directory, const char *name, int flags)
{
	char path[256];
	int length = snprintf(path, sizeof(path), "%s/%s", directory, name);

	if (length < 0 || (size_t)length >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC);
}

static int set_trigger(const char *procfs)
{
	for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++) {
		int fd = open_below(procfs, PRESSURE_FILE, O_RDWR | O_NONBLOCK);

		if (fd < 0)
			return -1;
		/* Includes the NUL: the kernel overwrites the last byte with one. */
		if (write(fd, triggers[i], strlen(triggers[i]) + 1) > 0)
			return fd;
		close(fd);
	}
	return -1;
}

bool kernel_open(struct kernel *kernel, const char *procfs, const char *sysfs)
{
	for (int i = TABLES - 1; i >= 0; i--)
		kernel->fd[i] = open_below(tables[i].in_sysfs ? sysfs : procfs, tables[i].name, O_RDONLY);
	if (kernel->fd[MEMINFO] < 0)
		return false;
	kernel->trigger = set_trigger(procfs);
	return true;
}

static void read_file(const struct kernel *kernel, enum table which, struct sample *sample)
{
	static char text[TABLE_SIZE];
	size_t length = 0;
	ssize_t n;

	while (length < sizeof(text) &&
	       (n = pread(kernel->fd[which], text + length, sizeof(text) - length, (off_t)length)) > 0)
		length += (size_t)n;
	/* An unreadable file counts as an empty table: all of its values are unknown. */
	tables[which].read(text, length, sample);
}

bool kernel_read(const struct kernel *kernel, struct sample *sample)
{
	read_file(kernel, MEMINFO, sample);
	read_file(kernel, MEMORY_PRESSURE, sample);
	if (sample->value[TOTAL_KIB] != UNKNOWN && sample->value[AVAILABLE_KIB] != UNKNOWN)
		return true;
	errno = ENODATA;
	return false;
}

void kernel_read_rest(const struct kernel *kernel, struct sample *sample)
{
	read_file(kernel, VMSTAT, sample);
	read_file(kernel, IO_PRESSURE, sample);
	read_file(kernel, BALLOON, sample);
}

void kernel_close_trigger(struct kernel *kernel)
{
	close(kernel->trigger);
	kernel->trigger = -1;
}
