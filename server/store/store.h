#ifndef STORE_STORE_H
#define STORE_STORE_H
/*
 * The database: what must survive a restart and what a second node must know.
 * One interface; SQLite behind it. Safe from any thread: readers in parallel,
 * one writer. Results live in the arena given. Nothing here knows what a
 * sealed blob holds.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct store;

/*
 * Opens or makes the database and migrates it forward by the numbered files
 * of db/ (compiled in). ERR_CONFIG: cannot be opened, is newer than this
 * program, is read-only. `path` may be ":memory:" in tests.
 */
enum err_code store_open(
    const char *path, struct store **out, struct err *err) WARN_UNUSED;
void store_close(struct store *store);
/* A cheap write that proves it works, for --check and health. */
enum err_code store_check(struct store *store, struct err *err) WARN_UNUSED;
/* Deletes what is past its time (sessions, tickets, throttle, drafts). */
enum err_code store_clean(
    struct store *store, int64_t now_s, struct err *err) WARN_UNUSED;

/* ---- sessions ------------------------------------------------------- */
struct store_session {
	struct str selector;    /* 16 random bytes, the key */
	struct str secret_hash; /* SHA-256 of the cookie's secret */
	struct str sealed;      /* credentials, sealed by session/ */
	struct str account;     /* "user@host" as preferences know it */
	struct str login;       /* name as sent to IMAP */
	struct str site;        /* [Host] section, or empty */
	struct str door;        /* "plain" or "secure" */
	struct str remember;    /* selector of this device's token, or empty */
	struct str moved_to;    /* door the session moved to, or empty */
	bool expire_views;
	bool is_pinned;     /* its login was named by a client certificate */
	struct str family;  /* the same through all switches of mode */
	struct str agent;   /* the browser, as it calls itself */
	struct str address; /* where it came from last */
	int64_t created_s, used_s, ends_s;
};
enum err_code store_session_add(struct store *store,
    const struct store_session *session, struct err *err) WARN_UNUSED;
/* ERR_NOT_FOUND. */
enum err_code store_session_find(struct store *store, struct str selector,
    struct arena *arena, struct store_session *out,
    struct err *err) WARN_UNUSED;
/*
 * Those of an account that did not move and whose time is not over, last used
 * first; at most LIMIT_PLACES.
 */
enum err_code store_session_list(struct store *store, struct str account,
    int64_t now_s, struct arena *arena, struct store_session **out,
    size_t *out_count, struct err *err) WARN_UNUSED;
/* Notes the use and from where; at most one write a minute for a session. */
enum err_code store_session_touch(struct store *store, struct str selector,
    int64_t used_s, struct str address, struct err *err) WARN_UNUSED;
/* Marks it dead but remembers that it went on behind another door. */
enum err_code store_session_move(struct store *store, struct str selector,
    struct str door, int64_t ends_s, struct err *err) WARN_UNUSED;
enum err_code store_session_delete(
    struct store *store, struct str selector, struct err *err) WARN_UNUSED;
/*
 * All of the account but the one whose secret_hash is `secret_unlike`; those
 * that moved hold nothing, and stay to say so.
 */
enum err_code store_session_delete_account(struct store *store,
    struct str account, struct str secret_unlike, struct err *err) WARN_UNUSED;
/* All that were made with this device's token; `remember` is not empty. */
enum err_code store_session_delete_remember(
    struct store *store, struct str remember, struct err *err) WARN_UNUSED;
enum err_code store_session_count(struct store *store, int64_t now_s,
    uint64_t *out, struct err *err) WARN_UNUSED;

/* ---- tickets of a switch between plain and secure mode ---------------- */
struct store_ticket {
	struct str selector;
	struct str secret_hash;
	struct str binder_hash; /* empty: none */
	struct str sealed;      /* credentials under the ticket's secret */
	struct str session;     /* selector of the old session */
	struct str door;        /* where it may be redeemed */
	struct str path;        /* page to go on with */
	int64_t ends_s;
};
enum err_code store_ticket_add(struct store *store,
    const struct store_ticket *ticket, struct err *err) WARN_UNUSED;
/* ERR_NOT_FOUND. */
enum err_code store_ticket_find(struct store *store, struct str selector,
    struct arena *arena, struct store_ticket *out, struct err *err) WARN_UNUSED;
/* Reads and deletes in one step: single use. ERR_NOT_FOUND. */
enum err_code store_ticket_take(struct store *store, struct str selector,
    struct arena *arena, struct store_ticket *out, struct err *err) WARN_UNUSED;

/* ---- remembered devices ----------------------------------------------- */
struct store_device {
	struct str selector;
	struct str secret_hash;
	struct str previous_hash; /* the token before the last rotation */
	struct str sealed;
	struct str account;
	struct str login;
	struct str site;
	struct str agent;   /* as of a session */
	struct str address; /* likewise */
	struct str door;    /* where its token is good; empty: not kept */
	bool is_pinned;     /* as of the session it was made with */
	int64_t created_s, used_s, ends_s, rotated_s;
};
enum err_code store_device_add(struct store *store,
    const struct store_device *device, struct err *err) WARN_UNUSED;
enum err_code store_device_find(struct store *store, struct str selector,
    struct arena *arena, struct store_device *out, struct err *err) WARN_UNUSED;
/* An account's, last used first; at most LIMIT_PLACES. */
enum err_code store_device_list(struct store *store, struct str account,
    int64_t now_s, struct arena *arena, struct store_device **out,
    size_t *out_count, struct err *err) WARN_UNUSED;
/* Only if secret_hash still is `old_hash`; ERR_NOT_FOUND otherwise. */
enum err_code store_device_rotate(struct store *store,
    const struct store_device *device, struct str old_hash,
    struct err *err) WARN_UNUSED;
enum err_code store_device_delete(
    struct store *store, struct str selector, struct err *err) WARN_UNUSED;
/* All of the account but one; `selector_unlike` may be empty. */
enum err_code store_device_delete_account(struct store *store,
    struct str account, struct str selector_unlike,
    struct err *err) WARN_UNUSED;

/* ---- throttle of failed logins ---------------------------------------- */
struct store_throttle {
	uint32_t failures;
	int64_t last_s;
};
/* `key` like "account:…", "address:…", "network:…"; zeroes when unknown. */
enum err_code store_throttle_get(struct store *store, struct str key,
    struct store_throttle *out, struct err *err) WARN_UNUSED;
/* Counts one failure; failures older than `forget_s` count no more. */
enum err_code store_throttle_add(struct store *store, struct str key,
    int64_t now_s, int64_t forget_s, struct err *err) WARN_UNUSED;
enum err_code store_throttle_delete(
    struct store *store, struct str key, struct err *err) WARN_UNUSED;

/* ---- preferences ------------------------------------------------------- */
enum err_code store_pref_get(struct store *store, struct str account,
    struct str name, struct arena *arena, struct str *out,
    struct err *err) WARN_UNUSED; /* empty when not set */
enum err_code store_pref_set(struct store *store, struct str account,
    struct str name, struct str value, struct err *err) WARN_UNUSED;
/* All of them in one query. */
struct store_pref {
	struct str name, content;
};
enum err_code store_pref_list(struct store *store, struct str account,
    struct arena *arena, struct store_pref **out, size_t *out_count,
    struct err *err) WARN_UNUSED;

/* ---- compositions and outbox ------------------------------------------- */
enum store_compose_state {
	STORE_COMPOSE_WRITING,
	STORE_COMPOSE_SENDING, /* claimed; a message file is in the spool */
	STORE_COMPOSE_SENT,    /* the server said 250 */
	STORE_COMPOSE_UNSURE,  /* connection lost after the final dot */
	STORE_COMPOSE_WAITING, /* in the outbox until it is due */
	STORE_COMPOSE_GONE     /* discarded; for an hour it can come back */
};
struct store_compose {
	struct str id; /* 128 random bits as 22 letters */
	struct str account;
	enum store_compose_state state;
	struct str fields;     /* the form: opaque bytes of mail/draft */
	struct str message_id; /* set when first sent */
	struct str result;     /* why it came back, or empty: page/ reads it */
	uint64_t version;      /* grows with each save */
	int64_t created_s, saved_s;
	bool copied; /* a copy is in Sent */
};
/*
 * Adds or replaces fields while WRITING. ERR_FORBIDDEN of another account,
 * ERR_INPUT when it is no longer WRITING (being sent, or sent).
 */
enum err_code store_compose_save(struct store *store,
    const struct store_compose *compose, struct err *err) WARN_UNUSED;
/* ERR_NOT_FOUND, also for another account's. */
enum err_code store_compose_find(struct store *store, struct str account,
    struct str id, struct arena *arena, struct store_compose *out,
    struct err *err) WARN_UNUSED;
/*
 * Moves it from one state to another in one step, so that of two callers one
 * wins. *out_won says whether this one did.
 */
enum err_code store_compose_move(struct store *store, struct str account,
    struct str id, enum store_compose_state from, enum store_compose_state to,
    struct str message_id, bool *out_won, struct err *err) WARN_UNUSED;
enum err_code store_compose_result(struct store *store, struct str account,
    struct str id, struct str result, bool copied, struct err *err) WARN_UNUSED;
/* ERR_INPUT when it is on its way: nothing is deleted. */
enum err_code store_compose_delete(struct store *store, struct str account,
    struct str id, struct err *err) WARN_UNUSED;

struct store_attachment {
	struct str id;   /* random, 22 letters */
	struct str name; /* UTF-8 */
	struct str type; /* "image/png" */
	uint64_t bytes;
};
/*
 * Attachments of a composition, in chunks so that memory stays constant:
 * begin, write chunks in order, end. Not visible before its end. The
 * composition must have been saved: ERR_NOT_FOUND otherwise.
 */
enum err_code store_attachment_begin(struct store *store, struct str account,
    struct str compose_id, const struct store_attachment *attachment,
    struct err *err) WARN_UNUSED;
enum err_code store_attachment_write(struct store *store, struct str id,
    uint32_t chunk_number, struct str bytes, struct err *err) WARN_UNUSED;
enum err_code store_attachment_end(struct store *store, struct str id,
    uint64_t total_bytes, struct err *err) WARN_UNUSED;
enum err_code store_attachment_list(struct store *store, struct str account,
    struct str compose_id, struct arena *arena, struct store_attachment **out,
    size_t *out_count, struct err *err) WARN_UNUSED;
/* Chunk by chunk; ERR_NOT_FOUND past the last. */
enum err_code store_attachment_read(struct store *store, struct str id,
    uint32_t chunk_number, struct arena *arena, struct str *out,
    struct err *err) WARN_UNUSED;
enum err_code store_attachment_delete(struct store *store, struct str account,
    struct str compose_id, struct str id, struct err *err) WARN_UNUSED;

/* ---- senders whose remote images may load -------------------------------- */
struct store_trust {
	struct str sender; /* an address in small letters */
	int64_t added_s;
};
/* The oldest go past LIMIT_TRUSTED. */
enum err_code store_trust_add(struct store *store, struct str account,
    struct str sender, int64_t now_s, struct err *err) WARN_UNUSED;
enum err_code store_trust_has(struct store *store, struct str account,
    struct str sender, bool *out, struct err *err) WARN_UNUSED;
/* Newest first. */
enum err_code store_trust_list(struct store *store, struct str account,
    struct arena *arena, struct store_trust **out, size_t *out_count,
    struct err *err) WARN_UNUSED;
/* One that is not there is no error. */
enum err_code store_trust_delete(struct store *store, struct str account,
    struct str sender, struct err *err) WARN_UNUSED;

#endif
