#include "route/explain.h"

#include "base/log.h"
#include "base/tr.h"
#include "page/page_cert.h"
#include "page/page_language.h"

/* The sections of templates/certificate.html. */
static const char *const verdict_names[] = {
    [NET_TLS_CERT_NONE] = "none",
    [NET_TLS_CERT_GOOD] = "bad",
    [NET_TLS_CERT_UNKNOWN_CA] = "unknown_ca",
    [NET_TLS_CERT_EXPIRED] = "expired",
    [NET_TLS_CERT_NOT_YET] = "not_yet",
    [NET_TLS_CERT_REVOKED] = "revoked",
    [NET_TLS_CERT_STALE_CRL] = "stale_crl",
    [NET_TLS_CERT_WRONG_PURPOSE] = "wrong_purpose",
    [NET_TLS_CERT_BAD] = "bad",
};

/* What it says of itself, which nobody vouches for. */
static void
view_shown(struct request *req, struct view *view)
{
	const struct net_tls_peer *tls = req->tls;

	view_text(
	    view, "subject", page_cert_person(req->arena, str_c(tls->subject)));
	view_text(view, "issuer",
	    page_cert_authority(req->arena, str_c(tls->issuer)));
	view_word(view, "fingerprint", tls->fingerprint_sha256);
	if (tls->not_after_s > 0)
		view_text(view, "not_after",
		    view_date_long(req->arena, tls->not_after_s, 0));
}

static void
view_frame(struct request *req, struct view *view)
{
	const struct static_set *statics = app_site_of(req)->statics;

	page_language_view(view);
	view_text(view, "site_title", text_from(req->arena, req->site->title));
	view_word(view, "request_id", req->id);
	view_set_url(view, "css_url",
	    view_url_own(
	        req->arena, static_set_address(statics, STR("app.css"))));
	view_set_url(view, "icon_url",
	    view_url_own(
	        req->arena, static_set_address(statics, STR("favicon.svg"))));
	view_set_url(view, "retry_url",
	    view_url_own(req->arena, session_own_path(req->raw_target)));
}

void
explain_certificate(struct request *req, struct response *res)
{
	enum net_tls_verdict verdict = req->tls->verdict;
	struct view *view = view_new(req->arena);
	struct err err = ERR_NONE;

	log_event(LOG_INFO, "tls.client_refused",
	    LOG_C("verdict", verdict_names[verdict]),
	    LOG_C("reason", req->tls->reason),
	    LOG_C("peer", req->peer.address));
	response_status(res, 403);
	view_frame(req, view);
	view_bool(view, verdict_names[verdict], true);
	view_bool(view, "is_shown", verdict != NET_TLS_CERT_NONE);
	if (verdict != NET_TLS_CERT_NONE)
		view_shown(req, view);
	if (page_send(req, res, "certificate.html", view, &err) != ERR_OK)
		response_plain(res, 403,
		    str_c(tr(
		        "This address asks for a client certificate, and the "
		        "browser showed none that is accepted here.")));
}
