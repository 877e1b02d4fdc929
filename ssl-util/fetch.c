#include "fetch.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/num.h"
#include "chain.h"
#include "key.h"
#include "load.h"
#include "net/net_connect.h"
#include "os/clock.h"
#include "own.h"
#include "remote.h"

#define WAIT_MS       15000
#define REDIRECTS_MAX 3
#define ROUNDS_MAX    5
#define REQUEST_BYTES ((size_t)4 << 10)
#define HTTP_PORT     80
#define SCHEME_BYTES  7

/* The parts of an address, borrowed from it. */
struct place {
	struct str host, path;
	uint16_t port;
};

/* "http://host[:port][/path]"; nothing that could break a line. */
static enum err_code
parse_place(struct str url, struct place *out, struct err *err)
{
	struct str rest = str_slice(url, SCHEME_BYTES, url.len);
	size_t slash = str_find_byte(rest, '/', 0);
	struct str port;
	struct err ignored = ERR_NONE;
	uint32_t number = HTTP_PORT;
	bool ok = str_starts_nocase(url, STR("http://"));

	/* A stranger's Location may steer a terminal: it is not shown. */
	for (size_t i = 0; i < url.len; i++)
		if (url.ptr[i] <= 0x20 || url.ptr[i] >= 0x7f)
			return err_sayf(err, ERR_INPUT,
			    "The server leads to an address with characters "
			    "that no address has.");
	out->path = str_slice(rest, slash, rest.len);
	out->path = str_slice(out->path, 0, str_find_byte(out->path, '#', 0));
	port = str_slice(rest, 0, slash);
	if (str_starts(port, STR("["))) {
		out->host = str_slice(port, 1, str_find_byte(port, ']', 0));
		port = str_slice(port, out->host.len + 2, port.len);
	} else {
		out->host = str_slice(port, 0, str_find_byte(port, ':', 0));
		port = str_slice(port, out->host.len, port.len);
	}
	if (ok && port.len > 1)
		ok = num_u32(str_slice(port, 1, port.len), 1, UINT16_MAX,
		         &number, &ignored) == ERR_OK;
	out->port = (uint16_t)number;
	if (ok && out->host.len > 0 &&
	    str_find_byte(out->host, '@', 0) == out->host.len)
		return ERR_OK;
	return err_sayf(err, ERR_INPUT,
	    "Only http:// addresses are fetched, not %.*s",
	    (int)(url.len < 120 ? url.len : 120), url.ptr);
}

/* What a page's head says. */
struct head {
	uint32_t status;
	struct str location;
	uint32_t body_bytes; /* 0: until the server hangs up */
	struct str body;     /* as far as it came */
};

static bool
parse_head(struct str bytes, struct head *out)
{
	size_t end = str_find(bytes, STR("\r\n\r\n"), 0);
	struct str head = str_slice(bytes, 0, end);
	struct str line = str_cut(&head, '\n');
	struct err ignored = ERR_NONE;

	*out = (struct head){.status = 0};
	if (end == bytes.len || !str_starts(line, STR("HTTP/1.")) ||
	    num_u32(str_slice(line, 9, 12), 100, 599, &out->status, &ignored) !=
	        ERR_OK)
		return false;
	out->body = str_slice(bytes, end + 4, bytes.len);
	while (head.ptr != NULL && head.len > 0) {
		struct str value = str_trim(str_cut(&head, '\n'));
		struct str name = str_cut(&value, ':');
		if (str_eq_nocase(name, STR("Location")))
			out->location = str_trim(value);
		else if (str_eq_nocase(name, STR("Content-Length")))
			err_ignore(num_u32(str_trim(value), 0, UINT32_MAX,
			    &out->body_bytes, &ignored));
	}
	return true;
}

static bool
is_whole(struct str bytes)
{
	struct head head;

	return parse_head(bytes, &head) && head.body_bytes > 0 &&
	       head.body.len >= head.body_bytes;
}

/* HTTP/1.0: one answer, not in chunks, and then the end. */
static enum err_code
ask(struct str url, struct buf *out, struct err *err)
{
	CLEANUP(buf_free) struct buf request = {.ptr = NULL};
	struct place place = {.port = 0};
	sock_t sock = SOCK_NONE;
	int64_t deadline_ms = clock_mono_ms() + WAIT_MS;
	struct err why = ERR_NONE;
	enum err_code rc = parse_place(url, &place, err);

	if (rc != ERR_OK)
		return rc;
	if (net_connect_open(place.host, place.port, deadline_ms, NULL, &sock,
	        &why) != ERR_OK)
		return err_sayf(err, ERR_AWAY,
		    "%.*s cannot be fetched: the server is not reached.",
		    (int)(url.len < 120 ? url.len : 120), url.ptr);
	buf_init(&request, REQUEST_BYTES);
	buf_addf(&request,
	    "GET %s%.*s HTTP/1.0\r\nHost: %.*s\r\nUser-Agent: iwebmsg-ssl"
	    "\r\nAccept: */*\r\n\r\n",
	    place.path.len == 0 ? "/" : "", STR_ARG(place.path),
	    STR_ARG(place.host));
	buf_clear(out);
	if (remote_send(sock, buf_str(&request), deadline_ms))
		while (!is_whole(buf_str(out)) &&
		       remote_receive(sock, out, deadline_ms))
			;
	socket_close(&sock);
	return ERR_OK;
}

static enum err_code
say_failed(
    struct str url, const struct head *head, bool is_long, struct err *err)
{
	return err_sayf(err, ERR_AWAY, "%.*s cannot be fetched: %s (%u).",
	    (int)(url.len < 120 ? url.len : 120), url.ptr,
	    is_long ? "it is too long" : "the server has no good answer",
	    head->status);
}

enum err_code
fetch_http(
    const char *url, struct buf *answer, struct str *out, struct err *err)
{
	CLEANUP(buf_free) struct buf at;
	struct head head;
	enum err_code rc = ERR_OK;

	buf_init(&at, REQUEST_BYTES);
	buf_add_c(&at, url);
	for (int i = 0; i <= REDIRECTS_MAX; i++) {
		rc = ask(buf_str(&at), answer, err);
		if (rc != ERR_OK)
			return rc;
		bool is_head = parse_head(buf_str(answer), &head);
		bool is_long = answer->failed != ERR_OK;
		if (!is_head || is_long || head.status < 300)
			break;
		if (head.status >= 400 || head.location.len == 0)
			return say_failed(buf_str(&at), &head, false, err);
		buf_clear(&at);
		buf_add(&at, head.location);
	}
	*out = head.body;
	if (head.status == 200 && answer->failed == ERR_OK &&
	    head.body.len > 0 && head.body.len >= head.body_bytes)
		return ERR_OK;
	if (head.status >= 300)
		return err_sayf(err, ERR_AWAY,
		    "%.120s leads from address to address without an end.",
		    url);
	return say_failed(buf_str(&at), &head, answer->failed != ERR_OK, err);
}

/* Of what came, that which signed `cert`; the rest is nobody's business. */
static int
take_issuers(STACK_OF(X509) * certs, const STACK_OF(X509) * came, X509 *cert)
{
	int taken = 0;

	for (int i = 0; i < sk_X509_num(came) && taken == 0; i++) {
		X509 *one = sk_X509_value(came, i);
		if (X509_check_issued(one, cert) == X509_V_OK &&
		    X509_verify(cert, X509_get0_pubkey(one)) == 1 &&
		    X509_add_cert(certs, one, X509_ADD_FLAG_UP_REF) == 1)
			taken++;
	}
	ERR_clear_error();
	return taken;
}

static enum err_code
fetch_issuer(STACK_OF(X509) * certs, X509 *cert, const char *url,
    struct buf *out, struct err *err)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	CLEANUP(buf_free) struct buf bytes;
	char name[CHAIN_NAME_BYTES];

	struct str body = {0};

	buf_init(&bytes, FETCH_BYTES_MAX);
	enum err_code rc = fetch_http(url, &bytes, &body, err);
	if (rc == ERR_OK)
		rc = load_certs_of(url, body, NULL, &found, err);
	if (rc != ERR_OK)
		return rc;
	chain_name(X509_get_subject_name(cert), name);
	if (take_issuers(certs, found.certs, cert) == 0)
		return err_sayf(err, ERR_INPUT,
		    "What came from %.100s did not sign %.80s. Nothing was "
		    "written: ask the authority for its intermediate.",
		    url, name);
	buf_addf(out, "Fetched: the issuer of %s, from %s\n", name, url);
	return ERR_OK;
}

enum err_code
fetch_chain(STACK_OF(X509) * certs, int leaf, const char *root_path,
    struct buf *out, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (int i = 0; i < ROUNDS_MAX && rc == ERR_OK; i++) {
		CLEANUP(own_certs_free) STACK_OF(X509) *ordered = NULL;
		struct chain_verdict verdict;
		rc = chain_order(certs, leaf, &ordered, err);
		if (rc == ERR_OK)
			rc = chain_verify(
			    ordered, certs, root_path, &verdict, err);
		if (rc != ERR_OK || verdict.state != CHAIN_INCOMPLETE)
			return rc;
		X509 *last = sk_X509_value(ordered, sk_X509_num(ordered) - 1);
		if (verdict.url[0] == '\0')
			return err_sayf(err, ERR_INPUT,
			    "\"%.120s\" does not say by http:// where its "
			    "issuer is. Ask the authority for its "
			    "intermediate certificate.",
			    verdict.last);
		rc = fetch_issuer(certs, last, verdict.url, out, err);
	}
	return rc;
}
