#include "mail/server.h"

static const struct str mask_words = {"the mail server", 15};

/* Part of a host's name, or of an IPv6 address. */
static bool
mask_is_part(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static bool
mask_ends_with(struct str word, struct str name)
{
	return word.len > name.len &&
	       word.ptr[word.len - name.len - 1] == '.' &&
	       str_eq_nocase(
	           str_slice(word, word.len - name.len, word.len), name);
}

/* "imap.example.org", what is below it, and "imap.example.org-1af3" */
static bool
mask_is(struct str word, struct str name)
{
	if (name.len == 0)
		return false;
	if (str_ends(name, STR(".")))
		name.len--;
	if (str_starts(name, STR("*.")))
		return mask_ends_with(word, str_slice(name, 2, name.len));
	return str_eq_nocase(word, name) || mask_ends_with(word, name) ||
	       (str_starts_nocase(word, name) && word.ptr[name.len] == '-');
}

/* A name of one label that is a word of every server's replies. */
static bool
mask_is_common(struct str name)
{
	static const char *const common[] = {
	    "mail", "imap", "imaps", "smtp", "submission", "server"};

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (str_eq_nocase(name, str_c(common[i])))
			return true;
	return false;
}

/*
 * A configured name, or a neighbour of it: what shares its domain of two
 * labels or more. Domains that people write in addresses are no secret.
 */
static bool
mask_is_configured(const struct mail_server *server, struct str host,
    struct str word, bool is_address)
{
	const struct config_site *site = server->site;
	struct str tail = host;
	struct socket_peer peer;

	if (mask_is_common(host))
		return false;
	if (is_address && (str_eq_nocase(word, site->default_domain) ||
	                      str_eq_nocase(word, site->host)))
		return false;
	if (mask_is(word, host))
		return true;
	(void)str_cut(&tail, '.');
	if (is_address || str_find_byte(tail, '.', 0) + 1 >= tail.len ||
	    socket_peer_parse(host, &peer) ||
	    str_eq_nocase(tail, site->default_domain) ||
	    str_eq_nocase(tail, site->host))
		return false;
	return mask_ends_with(word, tail);
}

static bool
mask_is_learned(const struct mail_server *server, struct str word)
{
	struct mail_server_live *live = server->live;
	bool is_found = false;

	lock_take(&live->lock);
	for (size_t i = 0; i < live->name_count && !is_found; i++)
		is_found = mask_is(word, str_c(live->names[i]));
	lock_give(&live->lock);
	return is_found;
}

static bool
mask_is_hidden(
    const struct mail_server *server, struct str word, bool is_address)
{
	const struct config_site *site = server->site;
	const struct str hosts[] = {site->imap_host, site->smtp_host,
	    site->imap_verify_name, site->smtp_verify_name,
	    server->imap.proxy.host, server->smtp.proxy.host};

	while (word.len > 0 && strchr(".-_", word.ptr[word.len - 1]) != NULL)
		word.len--;
	if (word.len == 0)
		return false;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (hosts[i].len > 0 &&
		    mask_is_configured(server, hosts[i], word, is_address))
			return true;
	return !is_address && mask_is_learned(server, word);
}

/* An IPv6 address at the beginning of `rest`; 0: none. */
static size_t
mask_v6_bytes(const struct mail_server *server, struct str rest)
{
	struct socket_peer peer;
	size_t len = 0;
	unsigned colons = 0;

	while (len < rest.len && len < SOCKET_ADDRESS_BYTES &&
	       strchr("0123456789abcdefABCDEF:.", rest.ptr[len]) != NULL) {
		colons += rest.ptr[len] == ':';
		len++;
	}
	while (len > 0 && rest.ptr[len - 1] == '.')
		len--;
	if (colons < 2 || !socket_peer_parse(str_slice(rest, 0, len), &peer))
		return 0;
	return mask_is_hidden(server, str_c(peer.address), false) ? len : 0;
}

static size_t
mask_part_bytes(struct str rest)
{
	size_t len = 0;

	while (len < rest.len && mask_is_part(rest.ptr[len]))
		len++;
	return len;
}

/* Copies words into `out`, names replaced; true when there were any. */
static bool
mask_into(const struct mail_server *server, struct str words, struct buf *out)
{
	bool is_changed = false;
	size_t at = 0;

	while (at < words.len) {
		struct str rest = str_slice(words, at, words.len);
		size_t len = mask_v6_bytes(server, rest);
		bool is_hidden = len > 0;

		if (!is_hidden) {
			len = mask_part_bytes(rest);
			is_hidden =
			    mask_is_hidden(server, str_slice(rest, 0, len),
			        at > 0 && words.ptr[at - 1] == '@');
		}
		/* The end of a sentence is not part of the name. */
		if (is_hidden && rest.ptr[len - 1] == '.')
			len--;
		if (len == 0)
			len = 1;
		buf_add(out, is_hidden ? mask_words : str_slice(rest, 0, len));
		is_changed = is_changed || is_hidden;
		at += len;
	}
	return is_changed;
}

struct text
mail_server_mask(
    const struct mail_server *server, struct arena *arena, struct text words)
{
	struct buf out;

	if (server->site->show_mail_server_names || words.s.len == 0)
		return words;
	buf_init_arena(&out, arena, 64 + 8 * words.s.len);
	if (!mask_into(server, words.s, &out))
		return words;
	/* Rather nothing than a name. */
	return out.failed == ERR_OK ? text_known(buf_str(&out))
	                            : TEXT("(the mail server's words)");
}

/* ---- people ---- */

static bool
mask_is_address_byte(char c)
{
	return (unsigned char)c > ' ' && strchr("<>()[],;:\"'", c) == NULL;
}

struct text
server_mask_people(struct arena *arena, struct text words)
{
	struct str rest = words.s;
	struct buf out;

	buf_init_arena(&out, arena, words.s.len + 64);
	while (rest.len > 0) {
		size_t len = 0;

		while (len < rest.len && mask_is_address_byte(rest.ptr[len]))
			len++;
		if (str_find_byte(str_slice(rest, 0, len), '@', 0) < len)
			buf_add_c(&out, "(address)");
		else
			buf_add(&out, str_slice(rest, 0, len == 0 ? 1 : len));
		rest = str_slice(rest, len == 0 ? 1 : len, rest.len);
	}
	return out.failed == ERR_OK ? text_known(buf_str(&out)) : TEXT("");
}
