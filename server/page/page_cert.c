#include "page/page_cert.h"

#include "page/page_login.h"

/* ---- names --------------------------------------------------------------- */

/* One "TYPE=value" off the front, at a comma or plus that is not escaped. */
static struct str
cert_cut(struct str *rest)
{
	struct str whole = *rest;
	size_t at = 0;

	while (at < whole.len && whole.ptr[at] != ',' && whole.ptr[at] != '+')
		at += whole.ptr[at] == '\\' ? 2 : 1;
	*rest = str_slice(whole, at + 1, whole.len);
	return str_trim(str_slice(whole, 0, at));
}

static int
cert_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * string = … / pair;  pair = ESC ( ESC / special / hexpair )  (RFC 4514, 3)
 */
static struct text
cert_unescape(struct arena *arena, struct str s)
{
	struct buf out;
	struct str bytes = {0};

	buf_init_arena(&out, arena, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '\\' || i + 1 == s.len) {
			buf_add_byte(&out, s.ptr[i]);
			continue;
		}
		int high = cert_digit(s.ptr[i + 1]);
		int low = i + 2 < s.len ? cert_digit(s.ptr[i + 2]) : -1;

		if (high >= 0 && low >= 0) {
			buf_add_byte(&out, (char)(high * 16 + low));
			i += 2;
		} else {
			buf_add_byte(&out, s.ptr[i + 1]);
			i++;
		}
	}
	if (buf_end(&out, &bytes, NULL) != ERR_OK)
		bytes = s;
	return text_line(arena, bytes);
}

static struct text
cert_part(struct arena *arena, struct str name, struct str type)
{
	while (name.len > 0) {
		struct str part = cert_cut(&name);

		if (str_starts_nocase(part, type))
			return cert_unescape(
			    arena, str_slice(part, type.len, part.len));
	}
	return TEXT("");
}

struct text
page_cert_person(struct arena *arena, struct str name)
{
	struct text found = cert_part(arena, name, STR("CN="));

	if (text_is_empty(found))
		found = cert_part(arena, name, STR("O="));
	return text_is_empty(found) ? text_line(arena, name) : found;
}

struct text
page_cert_authority(struct arena *arena, struct str name)
{
	struct text common = cert_part(arena, name, STR("CN="));
	struct text firm = cert_part(arena, name, STR("O="));
	struct str parts[] = {common.s, STR(" ("), firm.s, STR(")")};

	if (text_is_empty(common) || text_is_empty(firm) ||
	    str_find_nocase(common.s, firm.s, 0) < common.s.len)
		return page_cert_person(arena, name);
	return text_from(arena, str_join(arena, parts, 4));
}

/* ---- the login it names -------------------------------------------------- */

/* Is it one word? People's names and host names with spaces log nobody in. */
static bool
cert_is_login(struct text name)
{
	return !text_is_empty(name) && name.s.len <= LIMIT_NAME_BYTES &&
	       str_find_byte(name.s, ' ', 0) == name.s.len;
}

/* The browser's own certificate; a proxy's says nothing of the person. */
static const struct net_tls_peer *
cert_peer(const struct request *req)
{
	const struct net_tls_peer *tls = req->tls;

	if (tls == NULL || tls->is_proxy ||
	    (req->is_forwarded && !req->is_introduced) ||
	    tls->verdict == NET_TLS_CERT_NONE)
		return NULL;
	return tls;
}

static void
cert_read_peer(const struct request *req, const struct net_tls_peer *tls,
    struct page_cert *out)
{
	bool is_email = req->site->client_cert_user == CONFIG_CERT_USER_EMAIL;
	struct str shown = str_c(is_email ? tls->email : tls->common_name);
	struct text name = text_line(req->arena, shown);

	if (tls->verdict != NET_TLS_CERT_GOOD) {
		out->state = PAGE_CERT_BAD;
		out->words = N_("The certificate your browser showed cannot be "
		                "trusted here. Ask the administrator for "
		                "another one.");
	} else if (!cert_is_login(name) || !str_eq(name.s, shown)) {
		out->state = PAGE_CERT_NAMELESS;
		out->words =
		    is_email
		        ? N_("Your certificate holds no e-mail address to log "
		             "in with. Choose another one, or ask the "
		             "administrator.")
		        : N_("The name in your certificate is no login name "
		             "here. Choose another one, or ask the "
		             "administrator.");
	} else {
		out->state = PAGE_CERT_NAMED;
		out->login = text_line(req->arena, page_login_name(req, name));
	}
}

void
page_cert_read(const struct request *req, struct page_cert *out)
{
	const struct config_site *site = req->site;
	const struct net_tls_peer *tls = cert_peer(req);

	*out = (struct page_cert){.state = PAGE_CERT_UNUSED};
	if (site->client_cert_user == CONFIG_CERT_USER_NONE)
		return;
	out->is_needed = site->verify_client == CONFIG_VERIFY_CLIENT_REQUIRED ||
	                 site->verify_client == CONFIG_VERIFY_CLIENT_EXPLAIN;
	if (tls != NULL) {
		cert_read_peer(req, tls, out);
		return;
	}
	out->state = PAGE_CERT_NONE;
	if (out->is_needed)
		out->words = N_("Your browser showed no certificate, and this "
		                "server lets nobody in without one.");
}

bool
page_cert_fits(const struct request *req)
{
	const struct session *session = req->session;
	struct page_cert cert;

	if (session == NULL)
		return true;
	page_cert_read(req, &cert);
	if (cert.state == PAGE_CERT_NAMED)
		return str_eq_nocase(cert.login.s, session->login);
	if (session->is_pinned || cert.is_needed)
		return false;
	return cert.state == PAGE_CERT_NONE || cert.state == PAGE_CERT_UNUSED;
}

void
page_cert_hold(struct request *req)
{
	if (page_cert_fits(req))
		return;
	log_event(LOG_WARN, "session.other_certificate",
	    LOG_STR("login", req->session->login),
	    LOG_C("address", req->peer.address));
	session_end_request(req);
	req->is_misfit = true;
}

/* ---- for people ---------------------------------------------------------- */

void
page_cert_view(struct request *req, struct view *view)
{
	const struct net_tls_peer *tls = cert_peer(req);
	struct text name;

	if (tls == NULL || tls->verdict != NET_TLS_CERT_GOOD)
		return;
	name = page_cert_person(req->arena, str_c(tls->subject));
	if (text_is_empty(name))
		name = text_line(req->arena, str_c(tls->email));
	view_text(view, "cert_name", name);
	view_text(view, "cert_issuer",
	    page_cert_authority(req->arena, str_c(tls->issuer)));
	page_view_time(req, view, "cert_until", tls->not_after_s);
}
