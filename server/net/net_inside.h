#ifndef NET_INSIDE_H
#define NET_INSIDE_H
/*
 * The structs of the street door, shared by its files. Each record belongs
 * to one network thread, which alone touches the members marked (thread).
 */
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/lock.h"
#include "net/net.h"
#include "net/net_bio.h"
#include "net/net_count.h"
#include "net/net_tls_inside.h"
#include "os/poller.h"

enum {
	NET_LISTENERS_MOST = 32,
	NET_PLAIN_BYTES = 64 << 10,    /* four full records a turn */
	NET_CIPHER_BYTES = 80 << 10,   /* the same, sealed */
	NET_WAITING_BYTES = 512 << 10, /* sealed bytes a slow reader may owe */
	NET_TICK_MS = 250,
	NET_QUIET_TICK_MS = 1000, /* without connections */
	NET_LINGER_MS = 2000      /* for the peer to read our last bytes */
};

/* What an event of the poller is about. */
enum net_source_kind {
	NET_SOURCE_LISTENER,
	NET_SOURCE_SOCKET,
	NET_SOURCE_PAIR,
	NET_SOURCE_GUEST /* the HTTP side's poller */
};

struct net_source {
	enum net_source_kind kind;
	void *owner; /* a net_listener or net_conn */
};

struct net_listener {
	struct net_source source;
	sock_t sock; /* owned; the last thread to leave closes it */
	enum net_door door;
	uint16_t port;
	atomic_uint users; /* threads that still accept from it */
};

enum net_state {
	NET_STATE_FORWARD, /* waits for a proxy's header */
	NET_STATE_SNIFF,   /* waits for the first byte */
	NET_STATE_SHAKE,   /* in the handshake */
	NET_STATE_OPEN,    /* the HTTP side has it */
	NET_STATE_CLOSING, /* sends what is left, then waits for the peer */
	NET_STATE_CLOSED   /* socket closed; waits for net_conn_end */
};

/* Reasons to be in a thread's inbox. */
enum net_inbox_bit {
	NET_INBOX_START = 1,
	NET_INBOX_TELL = 2,
	NET_INBOX_END = 4
};

/* TLS: OpenSSL on one side, our end of the pair on the other. */
struct net_pump {
	SSL *ssl; /* owned */
	struct net_tls_shake shake;
	struct net_bio bio;
	sock_t pair;         /* owned; SOCK_NONE until the handshake is done */
	struct net_bytes up; /* plain bytes the pair did not take */
	struct net_bytes down; /* sealed bytes the socket did not take */
	bool is_pair_drained;
	bool is_pair_gone;
	bool is_up_end;      /* the browser has ended its side */
	bool is_up_closed;   /* and the HTTP side was told */
	bool is_down_end;    /* the HTTP side has ended its own */
	bool waits_for_pair; /* POLLER_WRITE is on for the pair */
	bool waits_for_sock; /* the same for the socket */
	bool is_held;        /* `down` waits for more to go with it */
	bool is_busy;        /* had something to do since the last tick */
	bool has_buffers;    /* OpenSSL may hold some 36 KB for it */
};

struct net_conn {
	struct net *net;
	struct net_thread *thread;
	struct net_conn *before, *after; /* (thread) its list */
	struct net_source source;
	struct net_source pair_source;

	struct socket_peer peer;
	uint64_t network;
	_Atomic(void *) user;
	sock_t sock; /* owned: the socket, or the duplicate we kept */
	enum net_door door;
	uint16_t local_port;
	bool is_tls;
	bool is_counted;    /* per address, under `network` */
	bool is_proxy;      /* TCP's other end is one of net's proxies */
	bool is_forwarded;  /* `peer` is the PROXY header's */
	bool is_introduced; /* it began with such a header */
	/* Filled when the handshake is done, by the thread, before `ready`. */
	struct net_tls_peer tls_peer;
	char *tls_texts; /* owned; what tls_peer points at */

	bool is_watched;        /* (thread) */
	bool is_flushed;        /* (thread) CLOSING: all sent, now lingers */
	bool is_over;           /* (thread) the HTTP side has no part in it */
	bool is_cut;            /* (thread) past its deadline, shut down */
	bool is_dead;           /* (thread) in the list of the dead */
	bool is_again;          /* (thread) in the list below */
	enum net_state state;   /* (thread) */
	struct net_conn *again; /* (thread) list of those with more to do */
	int64_t close_by_ms;    /* (thread) CLOSING: not longer than this */
	struct net_pump *pump;  /* (thread) TLS only; owned */

	_Atomic uint64_t wait; /* phase and deadline in one: net_conn.c */
	struct lock lock;      /* guards is_ended, is_told */
	bool is_ended;         /* `gone` is not to be called any more */
	bool is_told;          /* `gone` was called */
	atomic_bool is_left;   /* the browser has left */

	unsigned inbox_bits;         /* guarded by the thread's lock */
	struct net_conn *inbox_next; /* the same */
};

/* What asks a thread for the HTTP side's turn. */
struct net_turns {
	atomic_bool is_asked;
	struct poller *poller;
};

struct net_thread {
	struct net *net;
	unsigned index;
	struct net_source guest;
	struct net_turns turns;
	bool must_turn;       /* the HTTP side has something to do */
	bool has_ended_turns; /* guarded by net's lock */
	pthread_t thread;
	bool is_started;
	struct poller *poller;
	struct net_conn *conns;
	struct net_conn *dead; /* freed when no event can name them */
	struct net_conn *again;
	char *plain;             /* NET_PLAIN_BYTES, for one turn */
	struct net_bytes cipher; /* lent to a pump for one turn */
	/* Copied when net's have changed, so that accepting takes no lock. */
	struct socket_ranges proxies; /* owned list */
	bool speaks_proxy;
	unsigned proxies_version;
	bool must_accept; /* stopped early: accept on */
	bool has_stopped_accepting;
	int64_t ticked_ms;
	atomic_uint count;      /* connections; for sharing them out */
	struct lock lock;       /* guards inbox */
	struct net_conn *inbox; /* newest first */
};

struct net_meters {
	struct metric *open;
	struct metric *accepted[2]; /* by door */
	struct metric *full;        /* refused: too many in all */
	struct metric *crowded;     /* refused: too many of an address */
	struct metric *unshaken;    /* handshake failed */
	struct metric *late;        /* ended by a deadline */
	struct metric *unnamed;     /* a proxy without its header */
};

struct net {
	struct net_settings settings;
	struct net_handler handler;
	struct net_meters meters;
	struct net_count *per_address; /* owned */
	BIO_METHOD *method;            /* owned */
	struct lock lock; /* guards tls, proxies, listening, `emptied` */
	struct lock_cond emptied;
	struct net_tls *tls;          /* our reference; NULL: no TLS */
	struct socket_ranges proxies; /* owned list */
	bool speaks_proxy;
	atomic_uint proxies_version; /* of both; 0: none were ever set */
	struct net_listener listeners[NET_LISTENERS_MOST];
	atomic_uint listener_count;
	struct net_thread *threads;
	unsigned thread_count;
	atomic_uint count;
	atomic_bool is_accepting;
	atomic_bool is_turning;
	atomic_bool is_ending;
	_Atomic int64_t stop_by_ms; /* INT64_MAX: not stopping */
};

#endif
