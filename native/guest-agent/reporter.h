/* Sends reports: joins the kernel's numbers, the pace and the line to xenstore. */
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
	unsigned watched; /* how many of the watches have been asked for */
	bool watching;    /* the request under way is one for a watch */
	uint64_t backoff_ms, retry_ms; /* the last report was refused: how long that is to be waited for, and until when; 0 when it was taken */
};

/* Reports until *STOP, with the signals in WAITING let in only while it waits. False and errno where it cannot go on. */
bool reporter_run(struct reporter *reporter, const volatile sig_atomic_t *stop, const sigset_t *waiting);

/* The record of this moment, for people. */
bool reporter_print(const struct kernel *kernel);

#endif
