/* Parses the kernel's tables. Pure; accepts any text; values that cannot be parsed are UNKNOWN. */
#ifndef XENBALLOON_TABLES_H
#define XENBALLOON_TABLES_H

#include <stddef.h>

#include "sample.h"

/* /proc/meminfo: all sizes except the balloon's. */
void read_meminfo(const char *text, size_t length, struct sample *sample);

/* /proc/vmstat: the counters. */
void read_vmstat(const char *text, size_t length, struct sample *sample);

/* /proc/pressure/memory and /proc/pressure/io. */
void read_memory_pressure(const char *text, size_t length, struct sample *sample);
void read_io_pressure(const char *text, size_t length, struct sample *sample);

/* /sys/devices/system/xen_memory/xen_memory0/info/current_kb. */
void read_balloon(const char *text, size_t length, struct sample *sample);

#endif
