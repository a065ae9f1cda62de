/* Sends reports: the kernel's numbers, at the times that pace.h decides, to xenstore. */
#ifndef XENBALLOON_REPORTER_H
#define XENBALLOON_REPORTER_H

#include <signal.h>
#include <stdbool.h>

#include "kernel.h"
#include "pace.h"
#include "xenbus.h"

struct reporter {
	struct kernel kernel;
	struct xenbus bus;
	struct pace pace;
	uint64_t sequence;
	unsigned watches_set; /* how many watches have been requested */
	bool setting_watch;   /* the pending request sets a watch */
	/* After a refused report: the delay and the time of the retry. 0 if the last report was accepted. */
	uint64_t backoff_ms, retry_ms;
};

/*
 * Reports until *STOP, and then that the agent leaves. The signal mask is WAITING during waits. Returns false and sets
 * errno if it cannot continue.
 */
bool reporter_run(struct reporter *reporter, const volatile sig_atomic_t *stop, const sigset_t *waiting);

/* Prints the current record. */
bool reporter_print(const struct kernel *kernel);

#endif
