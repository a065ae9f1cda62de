/* The kernel's files: opened once, read many times. */
#ifndef XENBALLOON_KERNEL_H
#define XENBALLOON_KERNEL_H

#include <stdbool.h>

#include "sample.h"

enum table { MEMINFO, VMSTAT, MEMORY_PRESSURE, IO_PRESSURE, BALLOON, TABLES };

struct kernel {
	int fd[TABLES]; /* -1 if this kernel has no such file */
	int trigger;    /* signals POLLPRI when tasks wait for memory; -1 if unsupported */
};

/* Opens the files that exist below PROCFS and SYSFS. Returns false and sets errno if meminfo cannot be read. */
bool kernel_open(struct kernel *kernel, const char *procfs, const char *sysfs);

/* Reads the values that decide whether a report is due. Returns false and sets errno if meminfo lacks the sizes. */
bool kernel_read(const struct kernel *kernel, struct sample *sample);

/* Reads the other values of a report. */
void kernel_read_rest(const struct kernel *kernel, struct sample *sample);

/* Closes the trigger. Pressure is then noticed when memory is sampled next, as on kernels without triggers. */
void kernel_close_trigger(struct kernel *kernel);

#endif
