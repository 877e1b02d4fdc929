#include "dial.h"

#include <ctype.h>
#include <openssl/err.h>
#include <poll.h>

#include "base/num.h"
#include "key.h"
#include "os/clock.h"

#define WAIT_MS    15000
#define LINE_BYTES 2000
#define LINES_MAX  100

struct dial {
	struct net_client *client;
	const struct dial_address *address;
	int64_t deadline_ms; /* on the monotonic clock */
	SSL_CTX *context;
	SSL *ssl;
};

static void
dial_end(struct dial *dial)
{
	SSL_free(dial->ssl);
	SSL_CTX_free(dial->context);
	net_client_close(dial->client);
}

enum err_code
dial_parse(struct str word, enum dial_way way, struct dial_address *out,
    struct err *err)
{
	static const uint16_t ports[] = {
	    [DIAL_TLS] = 993, [DIAL_IMAP] = 143, [DIAL_SMTP] = 587};
	struct str host = word;
	struct str port = (struct str){0};
	uint32_t number = ports[way];
	size_t colon = str_find_byte(word, ':', 0);

	if (str_starts(word, STR("["))) {
		size_t end = str_find_byte(word, ']', 0);
		struct str rest = str_slice(word, end + 1, word.len);
		host = str_slice(word, 1, end);
		if (str_starts(rest, STR(":")))
			port = str_slice(rest, 1, rest.len);
		else if (rest.len > 0 || end == word.len)
			host = (struct str){0};
	} else if (str_find_byte(word, ':', colon + 1) >= word.len &&
	           colon < word.len) {
		host = str_slice(word, 0, colon);
		port = str_slice(word, colon + 1, word.len);
		if (port.len == 0)
			host = port;
	}
	if (host.len == 0 || host.len >= DIAL_HOST_BYTES ||
	    (port.len > 0 && num_u32(port, 1, 65535, &number, err) != ERR_OK))
		return err_sayf(err, ERR_INPUT,
		    "\"%.*s\" is no address. Say for example "
		    "imap.example.org:993 or [2001:db8::1]:993.",
		    STR_ARG(word));
	memcpy(out->host, host.ptr, host.len);
	out->host[host.len] = '\0';
	out->port = (uint16_t)number;
	return ERR_OK;
}

static enum err_code
lost(const struct dial *dial, struct err *err)
{
	struct err inner = ERR_NONE;

	err_ignore(net_client_error(dial->client, &inner));
	return err_sayf(err, ERR_AWAY, "%s:%u ended the connection%s%s.",
	    dial->address->host, dial->address->port,
	    inner.detail[0] != '\0' ? ": " : "", inner.detail);
}

/* A line without its end; bytes that could steer a terminal become '?'. */
static enum err_code
read_line(struct dial *dial, char out[LINE_BYTES], struct err *err)
{
	size_t len = 0;
	char byte = '\0';

	while (byte != '\n') {
		if (net_client_read(dial->client, &byte, 1) != 1)
			return lost(dial, err);
		if (len == LINE_BYTES - 1)
			return err_sayf(err, ERR_AWAY,
			    "%s:%u sends lines without end.",
			    dial->address->host, dial->address->port);
		if (byte != '\n' && byte != '\r')
			out[len++] = isprint((unsigned char)byte) ? byte : '?';
	}
	out[len] = '\0';
	return ERR_OK;
}

/*
 * Sends `say` (NULL: nothing) and reads until the last line of the answer:
 * the one that begins with `begin` and has no '-' after it.
 */
static enum err_code
talk(struct dial *dial, const char *say, const char *begin, const char *good,
    struct err *err)
{
	char line[LINE_BYTES] = "";
	size_t len = strlen(begin);
	enum err_code rc = ERR_OK;

	if (say != NULL) {
		size_t bytes = strlen(say);
		if (net_client_write(dial->client, say, bytes) !=
		    (int64_t)bytes)
			return lost(dial, err);
	}
	for (int i = 0; i < LINES_MAX && rc == ERR_OK; i++) {
		rc = read_line(dial, line, err);
		if (rc == ERR_OK && str_starts(str_c(line), str_c(begin)) &&
		    strlen(line) > len + 2 && line[3] != '-')
			break;
	}
	if (rc == ERR_OK && !str_starts_nocase(str_c(line), str_c(good)))
		return err_sayf(err, ERR_AWAY, "%s:%u refuses STARTTLS: %.*s",
		    dial->address->host, dial->address->port, 120, line);
	return rc;
}

static enum err_code
start(struct dial *dial, enum dial_way way, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (way == DIAL_IMAP) {
		rc = talk(dial, NULL, "* ", "* OK", err);
		if (rc == ERR_OK)
			rc = talk(dial, "a1 STARTTLS\r\n", "a1 ", "a1 OK", err);
	} else if (way == DIAL_SMTP) {
		rc = talk(dial, NULL, "", "220", err);
		if (rc == ERR_OK)
			rc = talk(dial, "EHLO localhost\r\n", "", "250", err);
		if (rc == ERR_OK)
			rc = talk(dial, "STARTTLS\r\n", "", "220", err);
	}
	return rc;
}

static bool
wait_for(struct dial *dial, int result)
{
	int what = SSL_get_error(dial->ssl, result);
	int64_t left_ms = dial->deadline_ms - clock_mono_ms();
	struct pollfd fd = {.fd = net_client_socket(dial->client),
	    .events = what == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN};

	if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE)
		return false;
	return left_ms > 0 && poll(&fd, 1, (int)left_ms) == 1;
}

static enum err_code
shake_hands(struct dial *dial, struct err *err)
{
	int result = 0;

	/* Also what the mail leg refuses shall be seen. */
	dial->context = SSL_CTX_new(TLS_client_method());
	if (dial->context == NULL)
		return key_fail("start TLS", err);
	SSL_CTX_set_security_level(dial->context, 0);
	(void)SSL_CTX_set_min_proto_version(dial->context, 0);
	SSL_CTX_set_verify(dial->context, SSL_VERIFY_NONE, NULL);
	dial->ssl = SSL_new(dial->context);
	if (dial->ssl == NULL ||
	    SSL_set_fd(dial->ssl, net_client_socket(dial->client)) != 1)
		return key_fail("start TLS", err);
	/* An address is no server name (RFC 6066, 3). */
	if (strchr(dial->address->host, ':') == NULL &&
	    !isdigit((unsigned char)
	                 dial->address->host[strlen(dial->address->host) - 1]))
		(void)SSL_set_tlsext_host_name(dial->ssl, dial->address->host);
	do {
		ERR_clear_error();
		result = SSL_connect(dial->ssl);
	} while (result != 1 && wait_for(dial, result));
	if (result == 1)
		return ERR_OK;
	const char *why = ERR_reason_error_string(ERR_peek_last_error());
	err_ignore(err_sayf(err, ERR_AWAY,
	    "%s:%u does not speak TLS as asked (%s). For a port that begins "
	    "in clear say --starttls imap or --starttls smtp.",
	    dial->address->host, dial->address->port,
	    why != NULL ? why : "connection lost"));
	ERR_clear_error();
	return ERR_AWAY;
}

enum err_code
dial_certs(const struct dial_address *address, enum dial_way way,
    STACK_OF(X509) * *out, struct err *err)
{
	CLEANUP(dial_end)
	struct dial dial = {
	    .address = address, .deadline_ms = clock_mono_ms() + WAIT_MS};
	struct err inner = ERR_NONE;

	*out = NULL;
	enum err_code rc = net_client_open(str_c(address->host), address->port,
	    dial.deadline_ms, NULL, &dial.client, &inner);
	if (rc != ERR_OK)
		return err_sayf(err, ERR_AWAY, "%s:%u cannot be reached: %s",
		    address->host, address->port,
		    inner.detail[0] != '\0' ? inner.detail : inner.message);
	rc = start(&dial, way, err);
	if (rc == ERR_OK)
		rc = shake_hands(&dial, err);
	if (rc != ERR_OK)
		return rc;
	STACK_OF(X509) *sent = SSL_get_peer_cert_chain(dial.ssl);
	*out = sent != NULL ? X509_chain_up_ref(sent) : NULL;
	return *out != NULL && sk_X509_num(*out) > 0
	           ? ERR_OK
	           : err_sayf(err, ERR_AWAY, "%s:%u sends no certificate.",
	                 address->host, address->port);
}
