#include "mail/server.h"

/* ---- names ---- */

/* Keeps a name, lower case; what is known is not kept twice. */
static void
live_keep(struct mail_server_live *live, const char *name)
{
	for (size_t i = 0; i < live->name_count; i++)
		if (strcmp(live->names[i], name) == 0)
			return;
	(void)snprintf(
	    live->names[live->next_name], SERVER_NAME_BYTES, "%s", name);
	live->next_name = (live->next_name + 1) % SERVER_NAMES_MOST;
	if (live->name_count < SERVER_NAMES_MOST)
		live->name_count++;
}

/*
 * Does it look like a host's name and not like a word? "mx.example.org",
 * "*.example.org", "mx1", "192.0.2.1"; not "ready", "3.5-rc".
 */
static bool
live_is_name(struct str name)
{
	bool has_mark = false;
	struct socket_peer peer;

	if (name.len < 3 || name.len >= SERVER_NAME_BYTES)
		return false;
	if (socket_peer_parse(name, &peer))
		return true;
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.ptr[i];
		const bool is_digit = c >= '0' && c <= '9';
		const bool is_letter =
		    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!is_digit && !is_letter && c != '-' && c != '.' &&
		    c != '_' && !(c == '*' && i == 0))
			return false;
		has_mark = has_mark || is_digit || c == '.' || c == '-';
		if (i + 1 == name.len && is_digit &&
		    str_find_byte(name, '.', 0) < name.len)
			return false; /* a version */
	}
	return has_mark;
}

void
server_live_name(const struct mail_server *server, struct str name)
{
	char lower[SERVER_NAME_BYTES];

	while (name.len > 0 && name.ptr[name.len - 1] == '.')
		name.len--;
	if (!live_is_name(name))
		return;
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.ptr[i];

		lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	lower[name.len] = '\0';
	lock_take(&server->live->lock);
	live_keep(server->live, lower);
	lock_give(&server->live->lock);
}

void
server_live_words(const struct mail_server *server, struct str words)
{
	while (words.len > 0) {
		struct str word = str_trim(str_cut(&words, ' '));

		/* "imap.example.org," and "(imap.example.org)" */
		while (word.len > 0 &&
		       strchr("()[]<>,;:!", word.ptr[word.len - 1]) != NULL)
			word.len--;
		while (word.len > 0 && strchr("()[]<>", word.ptr[0]) != NULL)
			word = str_slice(word, 1, word.len);
		if (str_find_byte(word, '.', 0) + 1 < word.len)
			server_live_name(server, word);
	}
}

/* ---- connections ---- */

static void
live_leg(struct mail_leg *leg, const struct net_client_facts *facts)
{
	leg->is_known = true;
	if (facts == NULL)
		return;
	leg->check = facts->check;
	leg->is_pinned = facts->is_pinned;
	leg->not_after_s = facts->not_after_s;
	(void)snprintf(
	    leg->protocol, sizeof(leg->protocol), "%s", facts->protocol);
	(void)snprintf(leg->cipher, sizeof(leg->cipher), "%s", facts->cipher);
	(void)snprintf(
	    leg->issuer, sizeof(leg->issuer), "%.255s", facts->issuer);
}

static void
live_learn(const struct mail_server *server,
    const struct net_client_facts *facts, const struct socket_peer *far_end)
{
	struct str names = str_c(facts == NULL ? "" : facts->names);

	server_live_name(server, str_c(far_end->address));
	while (names.len > 0)
		server_live_name(server, str_trim(str_cut(&names, ',')));
}

void
server_live_note(const struct mail_server *server,
    const struct mail_server_leg *leg, struct net_client *client)
{
	const struct net_client_facts *facts = net_client_facts(client);
	struct mail_server_live *live = server->live;
	struct mail_leg fresh = {.security = leg->security};
	struct socket_peer far_end = {.port = 0};
	struct socket_peer near_end = {.port = 0};

	(void)socket_ends(net_client_socket(client), &far_end, &near_end);
	fresh.is_local =
	    far_end.is_loopback && leg->proxy.kind == NET_PROXY_NONE;
	live_leg(&fresh, facts);
	live_learn(server, facts, &far_end);
	lock_take(&live->lock);
	if (leg == &server->imap)
		live->imap = fresh;
	else
		live->smtp = fresh;
	lock_give(&live->lock);
}

void
server_live_offers(
    const struct mail_server *server, const struct mail_smtp_offers *offers)
{
	lock_take(&server->live->lock);
	server->live->offers = *offers;
	lock_give(&server->live->lock);
}

void
mail_server_smtp_offers(
    const struct mail_server *server, struct mail_smtp_offers *out)
{
	lock_take(&server->live->lock);
	*out = server->live->offers;
	lock_give(&server->live->lock);
}

void
server_live_inherit(
    const struct mail_server *server, const struct mail_server *before)
{
	struct mail_server_live *from = before->live;
	struct mail_server_live *to = server->live;
	struct mail_leg imap;
	struct mail_leg smtp;
	struct mail_smtp_offers offers;
	char name[SERVER_NAME_BYTES];

	lock_take(&from->lock);
	imap = from->imap;
	smtp = from->smtp;
	offers = from->offers;
	lock_give(&from->lock);
	lock_take(&to->lock);
	if (!to->imap.is_known)
		to->imap = imap;
	if (!to->smtp.is_known)
		to->smtp = smtp;
	if (!to->offers.is_known)
		to->offers = offers;
	lock_give(&to->lock);
	for (size_t i = 0; i < SERVER_NAMES_MOST; i++) {
		lock_take(&from->lock);
		memcpy(name, from->names[i], sizeof(name));
		lock_give(&from->lock);
		server_live_name(server, str_c(name));
	}
}

/* ---- what people are told ---- */

static bool
live_is_local(const struct mail_server_leg *leg)
{
	struct socket_peer peer;

	if (leg->proxy.kind != NET_PROXY_NONE)
		return false;
	return str_eq_nocase(leg->host, STR("localhost")) ||
	       (socket_peer_parse(leg->host, &peer) && peer.is_loopback);
}

/* A server's own certificate, self-signed, is issued by its own name. */
static void
live_show(const struct mail_server *server, const struct mail_server_leg *leg,
    struct mail_leg *out)
{
	struct arena *arena = arena_new(64 << 10);
	struct text words = {{0}};
	char issuer[sizeof(out->issuer)];

	(void)snprintf(issuer, sizeof(issuer), "%s", out->issuer);
	if (!out->is_known) {
		out->security = leg->security;
		out->is_local = live_is_local(leg);
		out->check = leg->check;
	}
	if (arena != NULL)
		words = mail_server_mask(
		    server, arena, text_line(arena, str_c(issuer)));
	(void)snprintf(out->issuer, sizeof(out->issuer), "%.*s",
	    words.s.len > 255 ? 255 : (int)words.s.len,
	    words.s.len == 0 ? "" : words.s.ptr);
	arena_free(arena);
}

void
mail_server_legs(const struct mail_server *server, struct mail_leg *out_imap,
    struct mail_leg *out_smtp)
{
	lock_take(&server->live->lock);
	*out_imap = server->live->imap;
	*out_smtp = server->live->smtp;
	lock_give(&server->live->lock);
	live_show(server, &server->imap, out_imap);
	live_show(server, &server->smtp, out_smtp);
}
