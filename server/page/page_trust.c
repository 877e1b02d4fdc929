/* The certificate of the private authority that vouches for this server. */
#include "base/tr.h"
#include "net/net_cert.h"
#include "page/page_cert.h"
#include "page/pages.h"

/* The authority's certificate, or ERR_NOT_FOUND when there is no such page. */
static enum err_code
trust_get(const struct request *req, struct str *out, struct err *err)
{
	*out = app_state_of(req)->trust_page_der;
	if (out->len == 0)
		return err_set(err, ERR_NOT_FOUND, "There is no such page.",
		    "TrustPage=0");
	return ERR_OK;
}

static void
trust_view(
    struct request *req, const struct net_cert_facts *facts, struct view *view)
{
	view_text(
	    view, "authority", page_cert_authority(req->arena, facts->subject));
	view_str(view, "subject", facts->subject);
	page_view_digest(
	    req, view_child(view, "sha256"), facts->fingerprint_sha256);
	page_view_digest(
	    req, view_child(view, "sha1"), facts->fingerprint_sha1);
	page_view_time(req, view, "from", facts->not_before_s);
	page_view_time(req, view, "until", facts->not_after_s);
	view_set_url(
	    view, "ca_url", view_url_own(req->arena, STR("/trust/ca.cer")));
	view_bool(view, "is_clear", !req->is_secure);
	view_bool(view, "is_trust_page", true);
	/* In clear under ForceSSL this is all there is: no forms. */
	if (!req->is_secure && req->cfg->force_ssl)
		view_bool(view, "offer_switch", false);
}

enum err_code
page_trust(struct request *req, struct response *res, struct err *err)
{
	struct net_cert_facts facts;
	struct str der;
	struct view *view = NULL;
	enum err_code rc = trust_get(req, &der, err);

	if (rc == ERR_OK)
		rc = net_cert_read(req->arena, der, &facts, err);
	if (rc == ERR_OK)
		rc = page_view(
		    req, res, tr_text("Trust this server"), &view, err);
	if (rc != ERR_OK)
		return rc;
	trust_view(req, &facts, view);
	return page_send(req, res, "trust.html", view, err);
}

enum err_code
page_trust_file(struct request *req, struct response *res, struct err *err)
{
	struct str der;
	enum err_code rc = trust_get(req, &der, err);

	if (rc != ERR_OK)
		return rc;
	response_status(res, 200);
	response_replace_header(
	    res, "Content-Type", STR("application/x-x509-ca-cert"));
	response_replace_header(res, "Content-Disposition",
	    STR("attachment; filename=\"authority.cer\""));
	response_body(res, der);
	return ERR_OK;
}
