#ifndef OS_SOCKET_HOLDER_H
#define OS_SOCKET_HOLDER_H
/* Who listens on a port, as far as the system says (Linux: /proc). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The name of a program that listens on this TCP port, cut to `len`. False:
 * nobody does, or the system does not tell this user.
 */
bool socket_holder(uint16_t port, char *name, size_t len);

#endif
