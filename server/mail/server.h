#ifndef MAIL_SERVER_H
#define MAIL_SERVER_H
/* The inside of a mail server's description; for this room only. */
#include <stdatomic.h>

#include "base/lock.h"
#include "mail/mail.h"
#include "net/net_client.h"

/* Names and addresses that people do not see; the oldest learned ones go. */
#define SERVER_NAMES_MOST 64
#define SERVER_NAME_BYTES 256

/* Connections that are being made. */
struct server_gate {
	uint32_t opening;
	int64_t quiet_mono_ms; /* since then nobody came through */
};

/* What connections taught us; everything guarded by `lock`. */
struct mail_server_live {
	struct lock lock;
	struct lock_cond passed;
	struct server_gate imap_gate, smtp_gate;
	struct mail_leg imap, smtp;
	struct mail_smtp_offers offers;
	char names[SERVER_NAMES_MOST][SERVER_NAME_BYTES]; /* lower case */
	size_t name_count, next_name;
};

/* One of the two servers: the keys of [Mail] that begin with Imap or Smtp. */
struct mail_server_leg {
	const char *word; /* "Imap", "Smtp" */
	struct str host;
	uint16_t port;
	int security;     /* enum config_security */
	bool is_external; /* SASL EXTERNAL */
	enum net_tls_check check;
	struct net_tls_client *tls; /* owned; NULL without TLS */
	struct net_proxy proxy;     /* in the server's arena */
};

struct mail_server {
	atomic_uint refs;
	const struct config *cfg;       /* holds a count */
	const struct config_site *site; /* inside cfg */
	struct arena *arena;            /* owned */
	struct mail_server_leg imap, smtp;
	struct mail_server_live *live; /* owned */
	/* "host:port:security:site": whose server it is, however protected */
	const char *base;
	const char *key; /* base, and everything that protects the way */
};

/* ---- server_leg.c ---- */
/* Makes the leg from its keys and files. ERR_CONFIG names the key. */
enum err_code server_leg_imap(struct mail_server *server,
    const struct mail_server_files *files, struct err *err) WARN_UNUSED;
enum err_code server_leg_smtp(struct mail_server *server,
    const struct mail_server_files *files, struct err *err) WARN_UNUSED;
/*
 * Connects, by the leg's proxy. The message is for people; the detail says
 * what to do, and with which key.
 */
enum err_code server_leg_open(const struct mail_server_leg *leg,
    int64_t deadline_mono_ms, struct cancel *cancel, struct net_client **out,
    struct err *err) WARN_UNUSED;
/*
 * The leg's TLS on a client. `after_starttls`: bytes that wait are somebody's
 * who tampers (ERR_TRUST); else they are a greeting in clear (ERR_AWAY).
 */
enum err_code server_leg_secure(const struct mail_server_leg *leg,
    struct net_client *client, bool after_starttls,
    struct err *err) WARN_UNUSED;
/*
 * What client's own error means, where no bytes came (`is_greeting`: not even
 * the first). ERR_AWAY, ERR_CANCELED.
 */
enum err_code server_leg_lost(const struct mail_server_leg *leg,
    const struct net_client *client, bool is_greeting,
    struct err *err) WARN_UNUSED;
/* ERR_TRUST: bytes in clear came behind the consent to STARTTLS. */
enum err_code server_leg_tampered(
    const struct mail_server_leg *leg, struct err *err) WARN_UNUSED;
/* ERR_MAIL: TLS came where a greeting in clear was expected. */
enum err_code server_leg_speaks_tls(
    const struct mail_server_leg *leg, struct err *err) WARN_UNUSED;
/* Adds to a detail what to do about client's trouble, by the leg's keys. */
void server_leg_advise(const struct mail_server_leg *leg,
    const struct net_client *client, struct err *err);

/* ---- server_live.c ---- */
/* A connection of the leg works: its facts, and whom it is with. */
void server_live_note(const struct mail_server *server,
    const struct mail_server_leg *leg, struct net_client *client);
/* What the submission server offers on such a connection. */
void server_live_offers(
    const struct mail_server *server, const struct mail_smtp_offers *offers);
/* After a reload that changed nothing about the way: what was learned. */
void server_live_inherit(
    const struct mail_server *server, const struct mail_server *before);
/* A name the server calls itself; not hostile ones only by its shape. */
void server_live_name(const struct mail_server *server, struct str name);
/* The same for each host's name among the words of a greeting. */
void server_live_words(const struct mail_server *server, struct str words);

/* ---- server_gate.c ---- */
/*
 * Before a connection is made: so many at once hang in it that others should
 * not try, ERR_AWAY. A server that answers makes them wait their turn.
 */
enum err_code server_gate_enter(const struct mail_server *server,
    const struct mail_server_leg *leg, const struct mail_wait *wait,
    struct err *err) WARN_UNUSED;
/* After it was made, or not. */
void server_gate_leave(const struct mail_server *server,
    const struct mail_server_leg *leg, enum err_code rc);

/* ---- server_mask.c ---- */
/* For logs: words without the addresses of people. */
struct text server_mask_people(struct arena *arena, struct text words);

#endif
