/*
 * Records events in dom0: prints a line for each event of the given watches, and for each change of a domain's memory,
 * which it polls. Shares no code with the daemon, and uses the sampler's clock.
 *
 *   recorder [PATH...]
 *   <ms> <path> <value>            a watch fired; the node's value when read, or -
 *   <ms> held/<domid> <KiB>        the memory of a domain
 *   <ms> free <KiB>                the free memory, if it changed by 1 MiB or more
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xenctrl.h>
#include <xenstore.h>

#define LOOK_MS 50
#define NOTICED_KIB 1024
#define MAX_DOMAINS 64
#define MAX_DOMID 32768

static void stamp(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("%lld ", now.tv_sec * 1000LL + now.tv_nsec / 1000000);
}

static void print_events(struct xs_handle *xs)
{
	char **event, *value;
	unsigned length;

	while ((event = xs_check_watch(xs))) {
		stamp();
		value = xs_read(xs, XBT_NULL, event[XS_WATCH_PATH], &length);
		printf("%s %s\n", event[XS_WATCH_PATH], value && *value ? value : "-");
		free(value);
		free(event);
	}
}

static void print_free(xc_interface *xc)
{
	static uint64_t before;
	xc_physinfo_t host;
	uint64_t kib;

	if (xc_physinfo(xc, &host) < 0)
		return;
	/* As in the sampler: promised memory is not free. */
	kib = (host.free_pages - host.outstanding_pages) * 4;
	if (kib + NOTICED_KIB > before && before + NOTICED_KIB > kib)
		return;
	before = kib;
	stamp();
	printf("free %llu\n", (unsigned long long)kib);
}

static void print_changes(xc_interface *xc)
{
	static xc_domaininfo_t domains[MAX_DOMAINS];
	static uint64_t before[MAX_DOMID];
	int n = xc_domain_getinfolist(xc, 1, MAX_DOMAINS, domains);

	for (int i = 0; i < n; i++) {
		uint64_t pages = domains[i].tot_pages, *last = &before[domains[i].domain % MAX_DOMID];

		if (pages == *last)
			continue;
		*last = pages;
		stamp();
		printf("held/%u %llu\n", domains[i].domain, (unsigned long long)pages * 4);
	}
}

int main(int argc, char **argv)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	struct xs_handle *xs = xs_open(0);

	if (!xc || !xs) {
		fprintf(stderr, "usage: recorder [PATH...], in dom0\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		if (!xs_watch(xs, argv[i], "")) {
			perror(argv[i]);
			return 1;
		}
	for (;;) {
		struct pollfd ready = { .fd = xs_fileno(xs), .events = POLLIN };

		poll(&ready, 1, LOOK_MS);
		print_events(xs);
		print_changes(xc);
		print_free(xc);
		fflush(stdout);
	}
}
