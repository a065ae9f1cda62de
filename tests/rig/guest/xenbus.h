/* The guest's line to xenstore, by hand, for a static program. Paths are relative to the guest's home. */
#ifndef RIG_XENBUS_H
#define RIG_XENBUS_H

#include <stddef.h>

/* Each process opens its own: answers come in order, and nobody else may read them. */
struct xenbus {
	int fd;
	unsigned fired; /* one bit for each watch that has fired and was not looked at yet, by its number */
};

int xenbus_open(struct xenbus *bus);
/* The length of what was read, a terminator put behind it; -1 where there is nothing. */
int xenbus_read(struct xenbus *bus, const char *path, char *value, size_t room);
int xenbus_write(struct xenbus *bus, const char *path, const void *value, size_t length);
int xenbus_put(struct xenbus *bus, const char *path, const char *text);
/* Writes the same again and again without waiting for the answers between; gives how often that was done. */
int xenbus_put_often(struct xenbus *bus, const char *path, const char *text, int times);
int xenbus_remove(struct xenbus *bus, const char *path);
/* PERMISSIONS: the words of xenstore-chmod, each ended by a zero byte; LENGTH counts these. */
int xenbus_permit(struct xenbus *bus, const char *path, const char *permissions, size_t length);
/* NUMBER: below 10. */
int xenbus_watch(struct xenbus *bus, const char *path, unsigned number);
/* Waits so long, at most, for a watch to fire. */
void xenbus_wait(struct xenbus *bus, int milliseconds);

#endif
