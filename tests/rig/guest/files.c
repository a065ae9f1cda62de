/* Files in a tmpfs: memory that the kernel counts as cache but cannot reclaim. */
#define _GNU_SOURCE /* O_TMPFILE */
#include <fcntl.h>
#include <unistd.h>

#include "guest.h"

/* About the speed of copying a large file. */
#define GROWTH_MIB_PER_SECOND 40

void keep_files(struct shared *s)
{
	static uint64_t page[PAGE / 8];
	uint64_t held = 0, before = milliseconds();
	/* Without a name, so that the file vanishes if this process is OOM-killed. The guest survives that. */
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0) {
		complain("files: /tmp");
		return;
	}
	for (;;) {
		uint64_t pages = pages_in(next_tick(&before), GROWTH_MIB_PER_SECOND), want = s->want_files_mib * MIB;

		if (held > want && ftruncate(fd, (off_t)want) == 0)
			held = want;
		for (; held < want && pages > 0; held += PAGE, pages--) {
			fill(page);
			if (pwrite(fd, page, PAGE, (off_t)held) != PAGE) {
				complain("files: write");
				break;
			}
		}
		s->files_mib = held / MIB;
	}
}
