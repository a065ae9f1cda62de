/* A xenstore client for a static program. Paths are relative to the guest's home. */
#ifndef RIG_XENBUS_H
#define RIG_XENBUS_H

#include <stddef.h>

/* Each process opens its own connection, so that it reads its own answers. */
struct xenbus {
	int fd;
	unsigned fired; /* a bit for each watch that has fired and was not handled yet, by its number */
};

int xenbus_open(struct xenbus *bus);
/* Returns the length of the value and terminates it; -1 if the node does not exist. */
int xenbus_read(struct xenbus *bus, const char *path, char *value, size_t room);
int xenbus_write(struct xenbus *bus, const char *path, const void *value, size_t length);
int xenbus_put(struct xenbus *bus, const char *path, const char *text);
/* Writes the value many times without waiting for the answers in between. Returns how often. */
int xenbus_put_often(struct xenbus *bus, const char *path, const char *text, int times);
int xenbus_remove(struct xenbus *bus, const char *path);
/* PERMISSIONS: as for xenstore-chmod, each with a final NUL; LENGTH includes the NULs. */
int xenbus_permit(struct xenbus *bus, const char *path, const char *permissions, size_t length);
/* NUMBER: below 10. */
int xenbus_watch(struct xenbus *bus, const char *path, unsigned number);
/* Waits at most that long for a watch to fire. */
void xenbus_wait(struct xenbus *bus, int milliseconds);

#endif
