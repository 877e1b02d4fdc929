#include "base/num.h"
#include "net/net_connect.h"
#include "os/clock.h"
#include "os/poller.h"
#include "remote.h"

#define WAIT_MS        10000
#define LINE_BYTES_MAX ((size_t)8 << 10)
#define CHUNK_BYTES    4096

static const struct {
	const char *word;
	enum remote_starttls kind;
	uint16_t port;
} KINDS[] = {{NULL, REMOTE_TLS, 443}, {"imap", REMOTE_IMAP, 143},
    {"smtp", REMOTE_SMTP, 587}};

static enum err_code
take_kind(const char *word, struct remote_target *out, struct err *err)
{
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		if (word == NULL
		        ? KINDS[i].word == NULL
		        : KINDS[i].word != NULL &&
		              str_eq(str_c(word), str_c(KINDS[i].word))) {
			out->starttls = KINDS[i].kind;
			out->port = KINDS[i].port;
			return ERR_OK;
		}
	return err_sayf(err, ERR_INPUT, "--starttls takes imap or smtp.");
}

/* "host:port", "host", "[::1]:port", "::1". */
static bool
take_place(struct str place, struct remote_target *out)
{
	size_t colon = str_find_byte(place, ':', 0);
	bool is_bare_v6 = !str_starts(place, STR("[")) &&
	                  str_find_byte(place, ':', colon + 1) < place.len;
	struct str port = {0};
	struct err ignored = ERR_NONE;
	uint32_t number = out->port;

	if (str_starts(place, STR("["))) {
		size_t end = str_find_byte(place, ']', 0);
		out->host = str_slice(place, 1, end);
		port = str_slice(place, end + 1, place.len);
		if (end == place.len ||
		    (port.len > 0 && !str_starts(port, STR(":"))))
			return false;
	} else if (is_bare_v6 || colon == place.len) {
		out->host = place;
	} else {
		out->host = str_slice(place, 0, colon);
		port = str_slice(place, colon, place.len);
	}
	if (port.len > 0 && num_u32(str_slice(port, 1, port.len), 1, 65535,
	                        &number, &ignored) != ERR_OK)
		return false;
	out->port = (uint16_t)number;
	return out->host.len > 0 && !str_has_line_break(out->host);
}

enum err_code
remote_target_parse(const struct options *options, struct arena *arena,
    struct remote_target *out, struct err *err)
{
	struct socket_targets found;
	struct err ignored = ERR_NONE;

	*out = (struct remote_target){.wait_ms = WAIT_MS};
	enum err_code rc = take_kind(options->starttls, out, err);
	if (rc != ERR_OK)
		return rc;
	if (!take_place(str_c(options->files[0]), out))
		return err_sayf(err, ERR_INPUT,
		    "\"%s\" is no HOST:PORT. Say for example: "
		    "mail.example.org:443",
		    options->files[0]);
	out->name =
	    str_dup_c(arena, options->name.len > 0 ? options->name : out->host);
	if (out->name == NULL)
		return err_sayf(err, ERR_INPUT, "The name cannot be used.");
	if (socket_lookup(out->name, 1, true, &found, &ignored) != ERR_OK)
		out->sni = str_c(out->name);
	return ERR_OK;
}

bool
remote_send(sock_t sock, struct str bytes, int64_t deadline_ms)
{
	struct err ignored = ERR_NONE;

	while (bytes.len > 0) {
		int64_t sent = socket_write(sock, bytes.ptr, bytes.len);
		if (sent == -2)
			return false;
		if (sent == -1 && poller_wait_one(sock, POLLER_WRITE,
		                      deadline_ms, NULL, &ignored) != ERR_OK)
			return false;
		if (sent > 0)
			bytes = str_slice(bytes, (size_t)sent, bytes.len);
	}
	return true;
}

bool
remote_receive(sock_t sock, struct buf *into, int64_t deadline_ms)
{
	char chunk[CHUNK_BYTES];
	struct err ignored = ERR_NONE;
	int64_t got = -1;

	while (got == -1) {
		if (poller_wait_one(sock, POLLER_READ, deadline_ms, NULL,
		        &ignored) != ERR_OK)
			return false;
		got = socket_read(sock, chunk, sizeof(chunk));
	}
	if (got <= 0)
		return false;
	buf_add(into, str_of(chunk, (size_t)got));
	return into->failed == ERR_OK;
}

/*
 * The last line of a reply, when all of it came: for SMTP the one without a
 * hyphen behind the number, for IMAP the one that begins with `tag`.
 */
static struct str
find_end(struct str bytes, struct str tag)
{
	while (bytes.len > 0) {
		size_t end = str_find_byte(bytes, '\n', 0);
		struct str line = str_slice(bytes, 0, end);
		if (end == bytes.len)
			break;
		if (tag.len > 0 ? str_starts_nocase(line, tag)
		                : line.len < 4 || line.ptr[3] != '-')
			return line;
		bytes = str_slice(bytes, end + 1, bytes.len);
	}
	return (struct str){0};
}

static bool
expect(sock_t sock, struct str tag, struct str good, int64_t deadline_ms)
{
	CLEANUP(buf_free) struct buf bytes;
	struct str line = {0};

	buf_init(&bytes, LINE_BYTES_MAX);
	while (line.len == 0) {
		if (!remote_receive(sock, &bytes, deadline_ms))
			return false;
		line = find_end(buf_str(&bytes), tag);
	}
	return str_starts_nocase(line, good);
}

/* RFC 9051, 6.2.1, and RFC 3207. */
static bool
talk_starttls(enum remote_starttls kind, sock_t sock, int64_t deadline_ms)
{
	if (kind == REMOTE_IMAP)
		return expect(sock, STR("* "), STR("* OK"), deadline_ms) &&
		       remote_send(sock, STR("a STARTTLS\r\n"), deadline_ms) &&
		       expect(sock, STR("a "), STR("a OK"), deadline_ms);
	return expect(sock, STR(""), STR("220"), deadline_ms) &&
	       remote_send(sock, STR("EHLO localhost\r\n"), deadline_ms) &&
	       expect(sock, STR(""), STR("250"), deadline_ms) &&
	       remote_send(sock, STR("STARTTLS\r\n"), deadline_ms) &&
	       expect(sock, STR(""), STR("220"), deadline_ms);
}

enum err_code
remote_open(const struct remote_target *target, int64_t deadline_ms,
    sock_t *out, struct err *err)
{
	struct err why = ERR_NONE;
	enum err_code rc = net_connect_open(
	    target->host, target->port, deadline_ms, NULL, out, &why);

	if (rc != ERR_OK)
		return err_sayf(err, ERR_AWAY,
		    "%.*s, port %u, cannot be reached%s%s. Is the name right, "
		    "does the server run, and does a firewall let us through?",
		    STR_ARG(target->host), target->port,
		    why.detail[0] != '\0' ? ": " : "", why.detail);
	if (target->starttls == REMOTE_TLS ||
	    talk_starttls(target->starttls, *out, deadline_ms))
		return ERR_OK;
	socket_close(out);
	return err_sayf(err, ERR_AWAY,
	    "%.*s, port %u, does not begin TLS by STARTTLS. Is --starttls the "
	    "right one for that port? 993 and 465 speak TLS at once.",
	    STR_ARG(target->host), target->port);
}
