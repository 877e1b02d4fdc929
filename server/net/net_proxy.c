#include "net/net_proxy.h"

#include "base/buf.h"
#include "base/codec.h"
#include "base/num.h"

enum {
	SOCKS5_PORT = 1080,
	HTTP_PORT = 8080,
	WORD_MOST = 255 /* of name and password (RFC 1929, 2) */
};

static const char allowed[] =
    "a proxy is written socks5://[NAME:PASSWORD@]HOST[:PORT] or "
    "http://[NAME:PASSWORD@]HOST[:PORT]";

static enum err_code
decode(struct arena *arena, struct str word, struct str *out, struct err *err)
{
	struct buf buf;
	enum err_code rc = ERR_OK;

	buf_init_arena(&buf, arena, 3 * (size_t)WORD_MOST);
	codec_percent_decode(&buf, word, false);
	rc = buf_end(&buf, out, err);
	if (rc == ERR_OK && (out->len > WORD_MOST || str_has_line_break(*out)))
		rc = ERR_LIMIT;
	return rc;
}

/* userinfo = NAME ":" PASSWORD */
static enum err_code
parse_user(struct arena *arena, struct str user, struct net_proxy *out,
    struct err *err)
{
	struct str name = str_cut(&user, ':');
	enum err_code rc = decode(arena, name, &out->name, err);

	if (rc == ERR_OK)
		rc = decode(arena, user, &out->password, err);
	if (rc != ERR_OK || out->name.len == 0 || out->password.len == 0 ||
	    (out->kind == NET_PROXY_HTTP &&
	        str_find_byte(out->name, ':', 0) < out->name.len))
		return err_sayf(err, ERR_INPUT,
		    "name and password of a proxy are written NAME:PASSWORD, "
		    "at most %d bytes each; other characters than letters and "
		    "digits as %%XX",
		    WORD_MOST);
	return ERR_OK;
}

/* host [":" port]; IPv6 in brackets. */
static bool
parse_host(struct str where, struct net_proxy *out)
{
	size_t end;
	uint32_t port = out->kind == NET_PROXY_SOCKS5 ? SOCKS5_PORT : HTTP_PORT;

	if (str_starts(where, STR("["))) {
		end = str_find_byte(where, ']', 0);
		if (end == where.len)
			return false;
		out->host = str_slice(where, 1, end);
		where = str_slice(where, end + 1, where.len);
	} else {
		end = str_find_byte(where, ':', 0);
		out->host = str_slice(where, 0, end);
		where = str_slice(where, end, where.len);
	}
	if (where.len > 0 &&
	    (where.ptr[0] != ':' || num_u32(str_slice(where, 1, where.len), 1,
	                                65535, &port, NULL) != ERR_OK))
		return false;
	out->port = (uint16_t)port;
	for (size_t i = 0; i < out->host.len; i++) {
		const unsigned char c = (unsigned char)out->host.ptr[i];

		if (c <= ' ' || c >= 0x7F || c == '/' || c == '@' || c == '%')
			return false;
	}
	return out->host.len > 0 && out->host.len <= WORD_MOST;
}

enum err_code
net_proxy_parse(
    struct arena *arena, struct str url, struct net_proxy *out, struct err *err)
{
	struct str rest = str_dup(arena, url);
	size_t at = 0;
	enum err_code rc = ERR_OK;

	*out = (struct net_proxy){.kind = NET_PROXY_NONE};
	if (url.len == 0)
		return ERR_OK;
	if (rest.ptr == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "net_proxy_parse");
	at = str_find(rest, STR("://"), 0);
	if (str_eq_nocase(str_slice(rest, 0, at), STR("socks5")) ||
	    str_eq_nocase(str_slice(rest, 0, at), STR("socks5h")))
		out->kind = NET_PROXY_SOCKS5;
	else if (str_eq_nocase(str_slice(rest, 0, at), STR("http")))
		out->kind = NET_PROXY_HTTP;
	rest = str_slice(rest, at + 3, rest.len);
	if (str_ends(rest, STR("/")))
		rest.len--;
	at = rest.len;
	while (at > 0 && rest.ptr[at - 1] != '@')
		at--;
	if (out->kind != NET_PROXY_NONE && at > 0)
		rc = parse_user(arena, str_slice(rest, 0, at - 1), out, err);
	if (rc == ERR_OK &&
	    (out->kind == NET_PROXY_NONE ||
	        !parse_host(str_slice(rest, at, rest.len), out)))
		rc = err_sayf(err, ERR_INPUT, "%s", allowed);
	if (rc != ERR_OK)
		*out = (struct net_proxy){.kind = NET_PROXY_NONE};
	return rc;
}
