#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tables.h"

/* Longer than any of these tables; vmstat, the longest, has about 6 KB. */
#define TABLE_ROOM 16384

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
 * Some task waited for 50 ms of the last second, or where only root may have so quick an answer (Linux 6.5), for 100 ms of the last two: the kernel looks
 * ten times in that time.
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
		/* With its NUL: the kernel puts one in the place of the last character. */
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

static void look_at(const struct kernel *kernel, enum table which, struct sample *sample)
{
	static char text[TABLE_ROOM];
	size_t length = 0;
	ssize_t n;

	while (length < sizeof(text) && (n = pread(kernel->fd[which], text + length, sizeof(text) - length, (off_t)length)) > 0)
		length += (size_t)n;
	/* What could not be read is an empty table, in which everything is unknown. */
	tables[which].read(text, length, sample);
}

bool kernel_look(const struct kernel *kernel, struct sample *sample)
{
	look_at(kernel, MEMINFO, sample);
	look_at(kernel, MEMORY_PRESSURE, sample);
	if (sample->value[TOTAL_KIB] != UNKNOWN && sample->value[AVAILABLE_KIB] != UNKNOWN)
		return true;
	errno = ENODATA;
	return false;
}

void kernel_look_closely(const struct kernel *kernel, struct sample *sample)
{
	look_at(kernel, VMSTAT, sample);
	look_at(kernel, IO_PRESSURE, sample);
	look_at(kernel, BALLOON, sample);
}

void kernel_give_up_trigger(struct kernel *kernel)
{
	close(kernel->trigger);
	kernel->trigger = -1;
}
