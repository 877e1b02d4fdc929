#include "page/page_connection.h"

#include "os/clock.h"
#include "page/page_cert.h"
#include "page/pages.h"

/* "TLS 1.3" for "TLSv1.3". */
static struct text
connection_protocol(struct request *req, const char *protocol)
{
	struct str parts[2] = {STR("TLS "), str_c(protocol)};

	if (!str_starts(parts[1], STR("TLSv")))
		return text_line(req->arena, parts[1]);
	parts[1] = str_slice(parts[1], 4, parts[1].len);
	return text_line(req->arena, str_join(req->arena, parts, 2));
}

/* ---- the browser's leg --------------------------------------------------- */

/* A certificate may name hosts without having a subject. */
static struct text
connection_host(struct request *req)
{
	size_t from = str_starts(req->host, STR("["))
	                  ? str_find_byte(req->host, ']', 0)
	                  : 0;

	return text_line(req->arena,
	    str_slice(req->host, 0, str_find_byte(req->host, ':', from)));
}

static void
connection_view_certificate(
    struct request *req, const struct net_tls_facts *facts, struct view *view)
{
	struct str subject = str_c(facts->subject);
	struct str issuer = str_c(facts->issuer);

	view_bool(view, "has_certificate", true);
	view_text(view, "server_name",
	    subject.len == 0 ? connection_host(req)
	                     : page_cert_person(req->arena, subject));
	view_text(
	    view, "server_issuer", page_cert_authority(req->arena, issuer));
	view_bool(view, "is_self_signed", facts->is_self_signed);
	view_bool(view, "is_expired", facts->not_after_s < clock_now_s());
	page_view_digest(req, view, str_c(facts->fingerprint_sha256));
	view_word(
	    view, "key_kind", facts->key_kind == NULL ? "" : facts->key_kind);
	page_view_time(req, view, "server_until", facts->not_after_s);
}

void
page_connection_view_web(
    struct request *req, const struct net_tls_facts *facts, struct view *view)
{
	const struct net_tls_peer *tls = req->tls;
	bool by_proxy =
	    req->is_forwarded && !req->is_introduced && req->is_secure;
	bool is_clear = !req->is_secure;

	view_bool(view, "web_tls", req->is_secure && !by_proxy);
	view_bool(view, "web_proxy", by_proxy);
	view_bool(view, "web_proxy_tls", by_proxy && tls != NULL);
	view_bool(view, "web_same_machine",
	    is_clear && req->peer.is_loopback && !req->is_forwarded);
	view_bool(view, "web_clear",
	    is_clear && (!req->peer.is_loopback || req->is_forwarded));
	/* Of a proxy's connection these are the proxy's, not the browser's. */
	if (by_proxy || !req->is_secure)
		return;
	if (tls != NULL) {
		view_bool(view, "has_web_details", true);
		view_text(
		    view, "protocol", connection_protocol(req, tls->protocol));
		view_word(view, "cipher", tls->cipher);
		view_word(view, "group", tls->group);
	}
	if (facts != NULL)
		connection_view_certificate(req, facts, view);
}

/* ---- the mail servers' legs ---------------------------------------------- */

/* Which sentence tells how a leg is protected. */
static const char *
connection_leg_state(const struct page_connection_leg *leg)
{
	const struct mail_leg *seen = leg->seen;
	enum net_tls_check check = seen->check;
	bool is_pinned = seen->is_pinned;

	if (seen->security == CONFIG_SECURITY_NONE)
		return seen->is_local ? "is_local" : "is_clear";
	/* Before the first connection: what it will be held to. */
	if (!seen->is_known) {
		is_pinned = leg->has_pin;
		check = leg->verify == CONFIG_VERIFY_SERVER_OFF
		            ? NET_TLS_CHECK_OFF
		        : leg->verify == CONFIG_VERIFY_SERVER_CHAIN
		            ? NET_TLS_CHECK_CHAIN
		            : NET_TLS_CHECK_FULL;
	}
	if (is_pinned)
		return "is_pinned";
	if (check == NET_TLS_CHECK_OFF)
		return "is_unchecked";
	return check == NET_TLS_CHECK_CHAIN ? "is_chain_only" : "is_verified";
}

void
page_connection_view_leg(struct request *req,
    const struct page_connection_leg *leg, struct view *view)
{
	const struct mail_leg *seen = leg->seen;
	bool is_tls = seen->security != CONFIG_SECURITY_NONE;
	const char *state = connection_leg_state(leg);
	bool is_weak = str_eq(str_c(state), STR("is_clear")) ||
	               str_eq(str_c(state), STR("is_unchecked")) ||
	               str_eq(str_c(state), STR("is_chain_only"));

	view_bool(view, state, true);
	view_bool(view, "is_tls", is_tls);
	view_bool(view, "is_weak", is_weak);
	view_bool(view, "is_known", seen->is_known);
	view_bool(view, "not_yet", is_tls && !seen->is_known);
	view_bool(
	    view, "is_starttls", seen->security == CONFIG_SECURITY_STARTTLS);
	if (leg->show_names)
		view_text(view, "host", text_line(req->arena, leg->host));
	if (!is_tls || !seen->is_known)
		return;
	view_text(view, "protocol", connection_protocol(req, seen->protocol));
	view_word(view, "cipher", seen->cipher);
	page_view_time(req, view, "until", seen->not_after_s);
	/* Authorities are often named after whom they vouch for. */
	if (leg->show_names)
		view_text(view, "issuer",
		    page_cert_authority(req->arena, str_c(seen->issuer)));
}

static void
connection_view_mail(struct request *req, struct view *view)
{
	const struct mail_server *server =
	    app_mail_of(req, req->session->login);
	const struct config_site *site = mail_server_site(server);
	/* The view borrows their words until the page is written. */
	struct mail_leg *seen = ARENA_ARRAY(req->arena, 2, struct mail_leg);

	if (seen == NULL)
		return; /* the view cannot be made either, and says so */
	const struct page_connection_leg legs[2] = {
	    {&seen[0], (enum config_verify_server)site->imap_verify_server,
	        site->imap_key_pin.len > 0, site->show_mail_server_names,
	        site->imap_host},
	    {&seen[1], (enum config_verify_server)site->smtp_verify_server,
	        site->smtp_key_pin.len > 0, site->show_mail_server_names,
	        site->smtp_host},
	};
	struct view_list *list = view_list(view, "legs");

	mail_server_legs(server, &seen[0], &seen[1]);
	for (size_t i = 0; i < 2; i++) {
		struct view *row = view_list_add(list);

		view_bool(row, "is_imap", i == 0);
		page_connection_view_leg(req, &legs[i], row);
	}
}

enum err_code
page_connection(struct request *req, struct response *res, struct err *err)
{
	const struct net_tls *tls = app_state_of(req)->tls;
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, tr_text("Connection security"), &view, err);

	if (rc != ERR_OK)
		return rc;
	page_connection_view_web(
	    req, tls == NULL ? NULL : net_tls_facts_of(tls, req->host), view);
	page_cert_view(req, view);
	if (req->session != NULL)
		connection_view_mail(req, view);
	view_bool(view, "is_connection_page", true);
	return page_send(req, res, "connection.html", view, err);
}
