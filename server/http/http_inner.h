#ifndef HTTP_INNER_H
#define HTTP_INNER_H
/*
 * What the files of this room share and nobody else sees: the insides of a
 * request, a response, a connection and a stream.
 */
#include <microhttpd.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/lock.h"
#include "http/http.h"

struct http_header {
	struct str name;
	struct str value;
};

struct http_headers {
	struct http_header *list;
	size_t count;
	size_t capacity;
};

struct response {
	struct arena *arena; /* the request's */
	unsigned status;
	struct http_headers headers;
	struct str body;
	void (*release)(void *owner);
	void *owner;
	bool close;
	bool gzip;
	bool failed; /* the arena was used up */
	struct http_stream *stream;
	struct http_events *events; /* set under the request's lock */
	uint64_t sent;
};

/* A request's body: memory up to LIMIT_BODY_MEMORY, else a spool file. */
struct http_body {
	uint64_t expected;
	uint64_t kept;     /* so much of it at most */
	uint64_t passed;   /* came so far */
	uint64_t received; /* and was kept */
	bool is_cut;       /* more comes than is kept */
	char *memory;      /* heap; wiped: it may hold a password */
	int spool_fd;      /* -1: in memory */
	uint64_t reserved; /* of the spool quota */
	enum err_code failed;
};

enum http_stage {
	HTTP_STAGE_LINE,  /* request line read, header not complete */
	HTTP_STAGE_BODY,  /* reading the body */
	HTTP_STAGE_JOB,   /* suspended; a worker has it */
	HTTP_STAGE_READY, /* the response can be queued */
	HTTP_STAGE_SENT   /* queued */
};

/* One per connection; owned by the MHD connection (its socket context). */
struct http_conn {
	struct http *http;
	struct net_conn *net;
	struct lock lock;             /* guards active */
	struct request_inner *active; /* a worker has it, or it streams */
	struct http_conn *next;       /* in http's list, under its lock */
	struct http_conn *before;
};

struct request_inner {
	struct request req;
	struct response res;
	struct http *http;          /* NULL: without a connection */
	struct MHD_Connection *mhd; /* until MHD says completed */
	struct http_conn *conn;     /* likewise */
	struct str method_name;
	struct http_headers headers;
	struct http_body body;
	enum http_stage stage;
	bool is_handled; /* the handler saw it: done is due */
	const struct form *form;
	enum err_code form_code;
	struct err form_err;
	atomic_uint refs; /* MHD, and the worker */
	struct lock lock; /* guards gone and req.cancel */
	bool gone;
};

/*
 * libdeflate's levels. A list of 40 KB: 5.6 KB in 0.07 ms; 6 makes 5.1 KB of
 * it in 0.27 ms (zlib's 3: 5.8 KB in 0.16 ms).
 */
#define HTTP_GZIP_PAGE 1
#define HTTP_GZIP_FILE 12
#define HTTP_GZIP_KEPT 4u
/* Streams that are packed at the same time, 144 KB each; more go bare. */
#define HTTP_GZIP_PACKERS 64u

/* Compressors that rest. */
struct http_gzip {
	struct lock lock; /* guards what follows */
	struct libdeflate_compressor *idle[HTTP_GZIP_KEPT]; /* owned */
	unsigned count;
	unsigned packers; /* at work */
};

struct http {
	struct http_settings settings;
	struct http_handler handler;
	struct MHD_Daemon **daemons; /* one per network thread */
	unsigned daemon_count;
	atomic_uint_fast64_t next_id;
	uint64_t id_key;
	atomic_bool is_stopping;
	atomic_uint open; /* requests */
	atomic_uint_fast64_t spool_used;
	struct lock lock; /* guards conns, jobs, is_closed */
	struct lock_cond less_open;
	struct http_conn *conns;
	uint32_t jobs;  /* requests with a worker */
	bool is_closed; /* no more jobs */
	struct http_gzip gzip;
	struct metric *open_gauge;
	struct metric *classes[6];
	struct metric *bytes_in;
	struct metric *bytes_out;
};

/* ---- http_head.c: what a request must look like
 * ------------------------------- */
/*
 * Checks line and headers and fills req (method, path, query, host). Returns
 * 0, or the status of a refusal with its words in *words (and, for 405, the
 * Allow header in the response).
 */
unsigned http_head_check(struct request_inner *inner, const char **words);
struct str http_headers_find(
    const struct http_headers *headers, struct str name);
bool http_headers_add(struct http_headers *headers, struct arena *arena,
    struct str name, struct str value);

/* ---- http_body.c
 * ----------------------------------------------------------------
 */
/* 0, or the status of a refusal with its words. */
unsigned http_body_open(
    struct request_inner *inner, uint64_t bytes, const char **words);
void http_body_add(struct request_inner *inner, struct str piece);
void http_body_end(struct request_inner *inner);

/* ---- request.c --------------------------------------------------------------
 */
struct request_inner *request_inner_new(struct http *http);
void request_inner_ref(struct request_inner *inner);
void request_inner_unref(struct request_inner *inner);
/* The browser left: fires the cancel. */
void request_inner_gone(struct request_inner *inner);

/* ---- http_send.c
 * ------------------------------------------------------------------- */
/* MHD goes on with a suspended connection; any thread. */
void http_resume(struct request_inner *inner);
/* Queues inner's response; on a network thread. */
enum MHD_Result http_send_response(struct request_inner *inner);
void http_send_phase(struct request_inner *inner, enum net_phase phase,
    int64_t deadline_mono_ms);
/* Compresses the body when it is worth it; on the worker. */
void http_send_gzip(struct request_inner *inner);

/* ---- http_gzip.c
 * -------------------------------------------------------------- */
void http_gzip_init(struct http_gzip *gzip);
void http_gzip_end(struct http_gzip *gzip);
/*
 * RFC 1952, into the arena; false when it is not smaller or there is no
 * memory. A page's, by any thread: quickly. A file's, once: as small as it
 * gets.
 */
bool http_gzip_page(struct http_gzip *gzip, struct arena *arena, struct str in,
    struct str *out);
bool http_gzip_file(struct arena *arena, struct str in, struct str *out);

/* ---- http_packer.c: RFC 1952, piece by piece; one thread at a time
 * -------------- */
struct http_packer;
enum http_pack {
	HTTP_PACK_MORE, /* what zlib likes to give now */
	HTTP_PACK_SEEN, /* all that went in can be unpacked (Z_SYNC_FLUSH) */
	HTTP_PACK_LAST  /* and no more will come */
};
/* NULL: no memory, or too many are at work. */
struct http_packer *http_packer_new(struct http_gzip *gzip);
void http_packer_free(struct http_packer *packer); /* NULL is fine */
/* `bytes` must stay until http_packer_take() has given all. */
void http_packer_feed(struct http_packer *packer, struct str bytes);
/* What came of it, until the next call; empty: that was all. */
struct str http_packer_take(struct http_packer *packer, enum http_pack how);

/* ---- http_stream.c
 * ------------------------------------------------------------------ */
struct MHD_Response *http_stream_response(struct request_inner *inner);
/* MHD is done with the request: a writer that waits gets ERR_CANCELED. */
void http_stream_detach(struct http_stream *stream);
void http_stream_abandon(
    struct http_stream *stream); /* the worker's end of it */
uint64_t http_stream_sent(const struct http_stream *stream);

/* ---- http_events.c
 * ------------------------------------------------------------------ */
struct MHD_Response *http_events_response(struct request_inner *inner);
/* MHD is done with the request: tells the owner. */
void http_events_detach(struct http_events *events);
void http_events_abandon(struct http_events *events); /* the request's end */

/* ---- http_handle.c: MHD's callbacks of a request
 * -------------------------------
 */
void *http_handle_line(
    void *ctx, const char *target, struct MHD_Connection *mhd);
enum MHD_Result http_handle_request(void *ctx, struct MHD_Connection *mhd,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_bytes, void **request);
void http_handle_completed(void *ctx, struct MHD_Connection *mhd,
    void **request, enum MHD_RequestTerminationCode why);

/* ---- http_conn.c: MHD's callbacks of a connection
 * ------------------------------
 */
void http_conn_notify(void *ctx, struct MHD_Connection *mhd,
    void **socket_context, enum MHD_ConnectionNotificationCode what);
/* Ends those that MHD never started. */
void http_conn_end_rest(struct http *http);

#endif
