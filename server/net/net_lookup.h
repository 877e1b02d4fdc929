#ifndef NET_LOOKUP_H
#define NET_LOOKUP_H
/*
 * Addresses of a host by name or number, within a deadline: the system's name
 * service knows none, so it gets a thread of its own. Inside net.
 */
#include <stdint.h>

#include "base/err.h"
#include "os/cancel.h"
#include "os/socket.h"

/* ERR_AWAY (no such host, or deadline), ERR_CANCELED. */
enum err_code net_lookup_find(struct str host, uint16_t port,
    int64_t deadline_mono_ms, const struct cancel *cancel,
    struct socket_targets *out, struct err *err) WARN_UNUSED;

#endif
