/*
 * Samples the host for the tests: several times a second it prints a line for each domain with its memory, its values
 * in xenstore and its guest's statistics. Shares no code with the daemon, so that it shows the daemon's errors.
 *
 *   sampler INTERVAL_MS
 *   <ms> <host free> <domid> <actual> <maxmem> <target> <rig-stats...>     sizes in KiB, - if missing
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenstore.h>

#define MAX_DOMAINS 64

static void print_leaf(struct xs_handle *xs, unsigned domid, const char *leaf)
{
	char path[128];
	unsigned length;
	char *value;

	snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, leaf);
	value = xs_read(xs, XBT_NULL, path, &length);
	printf(" %s", value && *value ? value : "-");
	free(value);
}

int main(int argc, char **argv)
{
	static xc_domaininfo_t domains[MAX_DOMAINS];
	long interval = argc == 2 ? atol(argv[1]) : 0;
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	struct xs_handle *xs = xs_open(0);

	if (interval <= 0 || !xc || !xs) {
		fprintf(stderr, "usage: sampler INTERVAL_MS, in dom0\n");
		return 2;
	}
	for (;;) {
		struct timespec now, nap = { interval / 1000, interval % 1000 * 1000000 };
		xc_physinfo_t host;
		int n;

		clock_gettime(CLOCK_MONOTONIC, &now);
		if (xc_physinfo(xc, &host) < 0)
			return 1;
		n = xc_domain_getinfolist(xc, 1, MAX_DOMAINS, domains);
		for (int i = 0; i < n; i++) {
			xc_domaininfo_t *d = &domains[i];
			/* Pages promised to a domain under construction are not free, though Xen counts them so. */
			printf("%lld %llu %u %llu %llu", now.tv_sec * 1000LL + now.tv_nsec / 1000000,
			       (unsigned long long)(host.free_pages - host.outstanding_pages) * 4, d->domain,
			       (unsigned long long)d->tot_pages * 4, (unsigned long long)d->max_pages * 4);
			print_leaf(xs, d->domain, "memory/target");
			print_leaf(xs, d->domain, "data/rig-stats");
			printf("\n");
		}
		fflush(stdout);
		nanosleep(&nap, NULL);
	}
}
