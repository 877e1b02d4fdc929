#include "route/headers.h"

#include "base/buf.h"
#include "base/limits.h"
#include "route/forward.h"
#include "route/route.h"

static void
add_default(struct response *res, const char *name, struct str value)
{
	if (!response_has_header(res, name))
		response_header(res, name, value);
}

/*
 * form-action applies to redirects too (in Chromium), so a switch of mode
 * must name both of our origins; and the plain one as https, because a browser
 * that insists on https changes it on the way, port kept.
 */
static void
add_doors(const struct request *req, struct buf *policy)
{
	struct str secure = session_origin(req, true);
	struct str plain = session_origin(req, false);
	struct str parts[2] = {STR("https://"),
	    str_slice(plain, sizeof("http://") - 1, plain.len)};
	struct str upgraded =
	    plain.len > 0 ? str_join(req->arena, parts, 2) : STR("");
	struct str doors[3] = {secure, plain, upgraded};

	if (str_eq_nocase(upgraded, secure))
		doors[2] = STR("");
	for (size_t i = 0; i < 3; i++) {
		if (doors[i].len > 0)
			buf_add_byte(policy, ' ');
		buf_add(policy, doors[i]);
	}
}

static void
add_policy(struct request *req, struct response *res)
{
	struct buf policy;
	struct str text;

	if (response_has_header(res, "Content-Security-Policy"))
		return;
	buf_init_arena(&policy, req->arena, LIMIT_HEADER_BYTES);
	buf_add_c(&policy,
	    "default-src 'none'; script-src 'self'; style-src 'self'; "
	    "img-src 'self' data:; font-src 'self'; connect-src 'self'; "
	    "worker-src 'self'; "
	    "frame-src 'self'; manifest-src 'self'; form-action 'self'");
	if (req->cfg->enable_ssl)
		add_doors(req, &policy);
	if (req->form_origin.len > 0) {
		buf_add_byte(&policy, ' ');
		buf_add(&policy, req->form_origin);
	}
	buf_add_c(&policy, "; base-uri 'none'; frame-ancestors 'none'");
	if (buf_end(&policy, &text, NULL) != ERR_OK)
		text = STR("default-src 'none'; frame-ancestors 'none'");
	response_header(res, "Content-Security-Policy", text);
}

/* May this answer ask for secure mode for a long time? */
static bool
is_lasting(const struct request *req)
{
	const struct app_state *state = app_state_of(req);

	/* The browser sees the proxy's certificate, not ours. */
	if (forward_is_by_header(req))
		return true;
	return state->tls &&
	       !net_tls_facts_of(state->tls, req->host)->is_self_signed;
}

/*
 * Only under ForceSSL and never with a self-signed certificate (people could
 * not click the warning away); otherwise it is taken back, or those who were
 * here under ForceSSL could not leave secure mode. Without a secure mode of
 * ours (EnableSSL=0 behind a proxy) it is the proxy's affair.
 */
static void
add_strict_transport(struct request *req, struct response *res)
{
	int64_t age_s = req->cfg->hsts_max_age_ms / 1000;
	bool is_forced = req->cfg->force_ssl;

	if (!req->is_secure || !req->cfg->enable_ssl ||
	    (is_forced && !is_lasting(req)))
		return;
	response_replace_header(res, "Strict-Transport-Security",
	    str_printf(req->arena, "max-age=%lld%s",
	        (long long)(is_forced ? age_s : 0),
	        is_forced && req->cfg->hsts_sub_domains ? "; includeSubDomains"
	                                                : ""));
}

static void
add_caching(const struct request *req, struct response *res)
{
	if (req->session && req->session->expire_views) {
		response_replace_header(res, "Cache-Control",
		    STR("no-store, no-cache, must-revalidate, max-age=0"));
		response_replace_header(res, "Pragma", STR("no-cache"));
		response_replace_header(res, "Expires", STR("0"));
		return;
	}
	add_default(res, "Cache-Control", STR("no-store"));
}

void
headers_finish(struct request *req, struct response *res)
{
	bool packs = req->cfg->gzip &&
	             (!req->route || (req->route->flags & ROUTE_GZIP) != 0);

	if (response_is_streaming(res))
		return;
	add_policy(req, res);
	add_strict_transport(req, res);
	add_caching(req, res);
	add_default(res, "X-Content-Type-Options", STR("nosniff"));
	add_default(res, "Referrer-Policy", STR("same-origin"));
	/* Browsers complain where it has no effect. */
	if (req->is_secure)
		add_default(
		    res, "Cross-Origin-Opener-Policy", STR("same-origin"));
	add_default(res, "Cross-Origin-Resource-Policy", STR("same-origin"));
	add_default(res, "Permissions-Policy",
	    STR("camera=(), geolocation=(), microphone=(), payment=(), "
	        "usb=()"));
	if (!packs)
		response_forbid_gzip(res);
}
