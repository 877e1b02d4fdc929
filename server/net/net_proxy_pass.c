#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/num.h"
#include "base/scan.h"
#include "net/net_client_inside.h"
#include "net/net_proxy.h"

enum {
	ANSWER_BYTES = 8192, /* of an HTTP proxy's header, at most */
	REQUEST_BYTES = 2048
};

static const char message_away[] = "The mail server cannot be reached.";

static enum err_code
refused(struct err *err, const char *why)
{
	return err_setf(
	    err, ERR_AWAY, message_away, "the proxy refused: %s", why);
}

static enum err_code
is_no_proxy(struct err *err, const char *kind)
{
	return err_setf(err, ERR_AWAY, message_away,
	    "the proxy does not answer as %s does", kind);
}

/* What reading or writing failed of. */
static enum err_code
broken(struct net_client *client, struct err *err)
{
	struct err why = ERR_NONE;
	const enum err_code rc = net_client_error(client, &why);

	if (rc != ERR_AWAY)
		return err_set(err, rc, why.message, why.detail);
	return err_setf(
	    err, ERR_AWAY, message_away, "the proxy: %s", why.detail);
}

static bool
write_all(struct net_client *client, struct str bytes)
{
	while (bytes.len > 0) {
		const int64_t put =
		    net_client_write(client, bytes.ptr, bytes.len);

		if (put < 0)
			return false;
		bytes = str_slice(bytes, (size_t)put, bytes.len);
	}
	return true;
}

static bool
read_all(struct net_client *client, unsigned char *buf, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const int64_t got = net_client_read(client, buf + at, len - at);

		if (got < 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

/* ---- SOCKS5 ---- */

/* Replies of RFC 1928, 6. */
static const char *
socks_words(unsigned reply)
{
	static const char *const words[] = {
	    "granted",
	    "it failed",
	    "its rules do not allow the connection",
	    "network unreachable",
	    "host unreachable",
	    "connection refused by the mail server",
	    "no answer in time",
	    "it knows no such command",
	    "it knows no such kind of address",
	};

	return reply < sizeof(words) / sizeof(words[0]) ? words[reply]
	                                                : "unknown reason";
}

/* Name and password (RFC 1929). */
static enum err_code
socks_login(
    struct net_client *client, const struct net_proxy *proxy, struct err *err)
{
	unsigned char answer[2];

	struct buf buf;
	enum err_code rc = ERR_OK;

	buf_init(&buf, 3 + 2 * 255);
	buf_add_byte(&buf, 1);
	buf_add_byte(&buf, (char)proxy->name.len);
	buf_add(&buf, proxy->name);
	buf_add_byte(&buf, (char)proxy->password.len);
	buf_add(&buf, proxy->password);
	if (!write_all(client, buf_str(&buf)) ||
	    !read_all(client, answer, sizeof(answer)))
		rc = broken(client, err);
	else if (answer[1] != 0)
		rc = refused(err, "its name or password is wrong");
	if (buf.ptr != NULL)
		secret_wipe(buf.ptr, buf.len);
	buf_free(&buf);
	return rc;
}

/* Which way to say who we are (RFC 1928, 3). */
static enum err_code
socks_method(
    struct net_client *client, const struct net_proxy *proxy, struct err *err)
{
	const bool has_name = proxy->name.len > 0;
	const struct str hello =
	    has_name ? STR("\x05\x02\x00\x02") : STR("\x05\x01\x00");
	unsigned char answer[2];

	if (!write_all(client, hello) ||
	    !read_all(client, answer, sizeof(answer)))
		return broken(client, err);
	if (answer[0] != 5)
		return is_no_proxy(err, "SOCKS5");
	if (answer[1] == 2 && has_name)
		return socks_login(client, proxy, err);
	if (answer[1] == 0)
		return ERR_OK;
	return refused(err, has_name ? "it takes no name and password"
	                             : "it wants a name and a password "
	                               "(socks5://NAME:PASSWORD@HOST:PORT)");
}

/* The address it is bound to follows the reply: as long as its kind says. */
static enum err_code
socks_reply(struct net_client *client, struct err *err)
{
	unsigned char head[5];
	unsigned char rest[256 + 2];
	size_t len = 0;

	if (!read_all(client, head, 4))
		return broken(client, err);
	if (head[0] != 5)
		return is_no_proxy(err, "SOCKS5");
	if (head[1] != 0)
		return refused(err, socks_words(head[1]));
	if (head[3] == 3) {
		if (!read_all(client, head + 4, 1))
			return broken(client, err);
		len = head[4];
	} else if (head[3] == 1) {
		len = 4;
	} else if (head[3] == 4) {
		len = 16;
	} else {
		return is_no_proxy(err, "SOCKS5");
	}
	return read_all(client, rest, len + 2) ? ERR_OK : broken(client, err);
}

/* DST.ADDR: a number as such, a name for the proxy to look up. */
static void
socks_add_host(struct buf *request, struct str host)
{
	char *name = host.len < 64 ? strndup(host.ptr, host.len) : NULL;
	ASN1_OCTET_STRING *address = name == NULL ? NULL : a2i_IPADDRESS(name);

	if (address == NULL) {
		buf_add_byte(request, 3);
		buf_add_byte(request, (char)host.len);
		buf_add(request, host);
	} else {
		const int len = ASN1_STRING_length(address);

		buf_add_byte(request, len == 4 ? 1 : 4);
		buf_add(request,
		    str_of((const char *)ASN1_STRING_get0_data(address),
		        (size_t)len));
	}
	ASN1_OCTET_STRING_free(address);
	ERR_clear_error();
	free(name);
}

static enum err_code
socks_pass(struct net_client *client, const struct net_proxy *proxy,
    struct str host, uint16_t port, struct err *err)
{
	struct buf request;
	bool is_sent = false;
	enum err_code rc = socks_method(client, proxy, err);

	if (rc != ERR_OK)
		return rc;
	buf_init(&request, 7 + 255);
	buf_add(&request, STR("\x05\x01\x00")); /* CONNECT */
	socks_add_host(&request, host);
	buf_add_byte(&request, (char)(port >> 8));
	buf_add_byte(&request, (char)(port & 255));
	is_sent = write_all(client, buf_str(&request));
	buf_free(&request);
	return is_sent ? socks_reply(client, err) : broken(client, err);
}

/* ---- HTTP ---- */

/* The header, byte by byte: what follows it is the mail server's. */
static enum err_code
http_read(struct net_client *client, struct buf *header, struct err *err)
{
	for (;;) {
		unsigned char byte = 0;

		if (!read_all(client, &byte, 1))
			return broken(client, err);
		buf_add_byte(header, (char)byte);
		if (header->failed != ERR_OK)
			return is_no_proxy(err, "HTTP");
		if (str_ends(buf_str(header), STR("\r\n\r\n")) ||
		    str_ends(buf_str(header), STR("\n\n")))
			return ERR_OK;
		if (header->len == 5 && !str_eq(buf_str(header), STR("HTTP/")))
			return is_no_proxy(err, "HTTP");
	}
}

/* HTTP-version SP status-code SP [ reason-phrase ]   (RFC 9112, 4) */
static enum err_code
http_status(struct str header, struct err *err)
{
	struct str line = str_trim(str_cut(&header, '\n'));
	struct str words = line;
	uint32_t status = 0;
	char why[128];
	size_t len = 0;

	(void)str_cut(&words, ' ');
	if (num_u32(str_cut(&words, ' '), 100, 599, &status, NULL) != ERR_OK)
		return is_no_proxy(err, "HTTP");
	if (status >= 200 && status < 300)
		return ERR_OK;
	for (; len < line.len && len + 1 < sizeof(why); len++)
		why[len] = (char)(line.ptr[len] >= ' ' && line.ptr[len] < 0x7F
		                      ? line.ptr[len]
		                      : '?');
	why[len] = '\0';
	return refused(err, why);
}

static void
http_request(struct buf *out, const struct net_proxy *proxy, struct str host,
    uint16_t port)
{
	const bool is_v6 = str_find_byte(host, ':', 0) < host.len;
	struct buf words;

	/* authority-form (RFC 9110, 9.3.6) */
	for (int i = 0; i < 2; i++) {
		buf_add_c(out, i == 0 ? "CONNECT " : "Host: ");
		buf_add_c(out, is_v6 ? "[" : "");
		buf_add(out, host);
		buf_addf(out, "%s:%u%s", is_v6 ? "]" : "", (unsigned)port,
		    i == 0 ? " HTTP/1.1\r\n" : "\r\n");
	}
	if (proxy->name.len > 0) {
		buf_init(&words, REQUEST_BYTES);
		buf_add(&words, proxy->name);
		buf_add_byte(&words, ':');
		buf_add(&words, proxy->password);
		buf_add_c(out, "Proxy-Authorization: Basic ");
		codec_base64_encode(out, buf_str(&words));
		buf_add_c(out, "\r\n");
		if (words.ptr != NULL)
			secret_wipe(words.ptr, words.len);
		buf_free(&words);
	}
	buf_add_c(out, "\r\n");
}

static enum err_code
http_pass(struct net_client *client, const struct net_proxy *proxy,
    struct str host, uint16_t port, struct err *err)
{
	struct buf request;
	struct buf answer;
	enum err_code rc = ERR_OK;

	buf_init(&request, REQUEST_BYTES);
	buf_init(&answer, ANSWER_BYTES);
	http_request(&request, proxy, host, port);
	if (request.failed != ERR_OK)
		rc = err_set(err, request.failed, NULL, "net_proxy: request");
	else if (!write_all(client, buf_str(&request)))
		rc = broken(client, err);
	if (rc == ERR_OK)
		rc = http_read(client, &answer, err);
	if (rc == ERR_OK)
		rc = http_status(buf_str(&answer), err);
	if (request.ptr != NULL)
		secret_wipe(request.ptr, request.len);
	buf_free(&request);
	buf_free(&answer);
	return rc;
}

enum err_code
net_proxy_pass(struct net_client *client, const struct net_proxy *proxy,
    struct str host, uint16_t port, struct err *err)
{
	if (host.len == 0 || host.len > 255 || str_has_line_break(host) ||
	    str_find_byte(host, ' ', 0) < host.len)
		return err_set(err, ERR_AWAY, message_away, "not a host name");
	return proxy->kind == NET_PROXY_SOCKS5
	           ? socks_pass(client, proxy, host, port, err)
	           : http_pass(client, proxy, host, port, err);
}
