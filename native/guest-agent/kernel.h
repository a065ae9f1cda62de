/* The kernel's files: opened once, read again and again. */
#ifndef XENBALLOON_KERNEL_H
#define XENBALLOON_KERNEL_H

#include <stdbool.h>

#include "sample.h"

enum table { MEMINFO, VMSTAT, MEMORY_PRESSURE, IO_PRESSURE, BALLOON, TABLES };

struct kernel {
	int fd[TABLES]; /* -1 where this kernel has no such file */
	int trigger;    /* becomes readable (POLLPRI) when somebody waits for memory; -1 where the kernel cannot tell */
};

/* Opens what there is below PROCFS and SYSFS; false and errno where not even meminfo can be read. */
bool kernel_open(struct kernel *kernel, const char *procfs, const char *sysfs);

/* Memory as it is now: enough to see whether a report is due. False and errno where the kernel does not say how much there is. */
bool kernel_look(const struct kernel *kernel, struct sample *sample);

/* The rest of a report. */
void kernel_look_closely(const struct kernel *kernel, struct sample *sample);

/* Does without the trigger, as on kernels that have none: pressure is then seen at the next look. */
void kernel_give_up_trigger(struct kernel *kernel);

#endif
