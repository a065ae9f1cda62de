#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#include "guest.h"

/* A swap device in compressed memory, twice the size of the guest at boot, so that memory runs out before swap. */
void start_swap(void)
{
	static uint32_t header[PAGE / 4];
	uint64_t kib = 2 * number(read_file("/proc/meminfo"), "MemTotal:");
	char size[32];
	int fd;

	load_module("zram", "");
	snprintf(size, sizeof(size), "%lluK", (unsigned long long)(kib & ~3ULL));
	if (write_file("/sys/block/zram0/disksize", size) < 0)
		return;
	header[256] = 1;                       /* version */
	header[257] = (uint32_t)(kib / 4 - 1); /* last page */
	memcpy((char *)header + PAGE - 10, "SWAPSPACE2", 10);
	fd = open("/dev/zram0", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, header, PAGE) != PAGE)
		complain("/dev/zram0");
	if (fd >= 0)
		close(fd);
	if (swapon("/dev/zram0", 0) < 0)
		complain("swapon");
}
