#ifndef NET_CONNECT_H
#define NET_CONNECT_H
/* A connected socket to a host, trying all its addresses. Inside net. */
#include <stdint.h>

#include "base/err.h"
#include "os/cancel.h"
#include "os/socket.h"

/* ERR_AWAY (no such host, refused, deadline), ERR_CANCELED. */
enum err_code net_connect_open(struct str host, uint16_t port,
    int64_t deadline_mono_ms, const struct cancel *cancel, sock_t *out,
    struct err *err) WARN_UNUSED;

#endif
