#ifndef MAIL_SERVER_H
#define MAIL_SERVER_H
/* The inside of a mail server's description; for this room only. */
#include <stdatomic.h>

#include "mail/mail.h"

struct mail_server {
	atomic_uint refs;
	const struct config *cfg;        /* holds a count */
	const struct config_site *site;  /* inside cfg */
	struct net_tls_client *imap_tls; /* owned; NULL without TLS */
	struct net_tls_client *smtp_tls; /* owned; NULL without TLS */
	char *key;                       /* "host:port:security:site"; owned */
};

#endif
